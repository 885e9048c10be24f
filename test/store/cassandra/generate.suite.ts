import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { full } from '../../../src/time/granularity.ts'
import { hour, minute } from '../../../src/time/range.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { runCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { valueHex } from './literal.ts'
import { type Bystander, bystander } from './support.ts'

const root = temporaryFolder()
const env = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }
const start = Date.UTC(2017, 11, 1, 8)
const keyspace = 'Generated'

export function generateSuite(server: CassandraServer): void {
  describe('generate-data into Cassandra', () => {
    let other: Bystander
    beforeAll(async () => {
      other = await bystander(server)
    })
    afterAll(() => other.close())

    const folder = () => mkdtempSync(join(root, 'case-'))
    const generate = (cwd: string, design: string, ...args: string[]) => {
      writeFileSync(join(cwd, 'design.yaml'), design)
      const to = `cassandra://${server.host}/${keyspace}`
      return runCli(['generate-data', '-i', 'design.yaml', '--seed=1', '--to', to, ...args], { cwd, env })
    }
    const steps = (end: string, step: string) =>
      `{start_time: "2017-12-01T08:00Z", end_time: ${end}, frequency: ${step}, values: `
    const held = () => other.bytes(full, keyspace)
    /** Points every so many minutes, as Blueflood keeps them. */
    const rows = (name: string, count: number, { step, hex }: { step: number; hex: string }) =>
      Array.from({ length: count }, (_, i) => [`${name} ${start + i * step * minute}`, hex] as const)

    it('writes full values byte for byte as Blueflood would have, with the lifetime asked for', async () => {
      const cwd = folder()
      const design = `web.cpu: ${steps('"2017-12-01T10:00Z"', '10m')}7}\nweb.mem: ${steps('"2017-12-01T10:00Z"', '20m')}0.5}\n`
      expect(await generate(cwd, design, '--create-schema', '--ttl', '2')).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/: 2 metrics, 18 points, [\d,]+ bytes\n$/),
      })
      expect(readdirSync(cwd)).toEqual(['design.yaml'])
      expect(await held()).toEqual(
        Object.fromEntries([
          ...rows('web.cpu', 12, { step: 10, hex: valueHex(7n, 'l') }),
          ...rows('web.mem', 6, { step: 20, hex: valueHex(0.5, 'n') }),
        ]),
      )
      const [{ left }] = await other.run(`SELECT ttl(value) AS left FROM "${keyspace}".metrics_full LIMIT 1`)
      expect(Math.abs(left - 2 * 86_400)).toBeLessThan(600)
    })

    it('replaces a metric as a whole with consent only, and leaves others alone', async () => {
      const before = await held()
      const design = `web.cpu: ${steps('"2017-12-01T08:30Z"', '15m')}8}\n`
      expect(await generate(folder(), design)).toMatchObject({
        code: 7,
        stderr: expect.stringContaining('holds data for web.cpu: nothing was written'),
      })
      expect(await held()).toEqual(before)
      expect(await generate(folder(), design, '--yes')).toMatchObject({ code: 0 })
      expect(await held()).toEqual(
        Object.fromEntries([
          ...rows('web.cpu', 2, { step: 15, hex: valueHex(8n, 'l') }),
          ...rows('web.mem', 6, { step: 20, hex: valueHex(0.5, 'n') }),
        ]),
      )
    })

    it('is read by functions of later designs', async () => {
      const cwd = folder()
      const from = `cassandra://${server.host}/${keyspace}`
      const design = `x: {start_time: "2017-12-01", end_time: "2017-12-02", values: {function: "2*x", metric: web.cpu, from: "${from}"}}`
      expect(await generate(cwd, design)).toMatchObject({ code: 0 })
      const doubled = Object.entries(await held()).filter(([key]) => key.startsWith('x '))
      expect(doubled.map(([key]) => Number(key.slice(2)))).toEqual([start, start + hour / 4])
    })

    it('refuses metrics that Blueflood cannot name', async () => {
      const before = await held()
      const design = `app_metrics: {web: ${steps('"2017-12-01T08:30Z"', '15m')}8}}\n`
      expect(await generate(folder(), design)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Blueflood knows no tags: web|@type=app_metrics'),
      })
      expect(await held()).toEqual(before)
    })
  })
}
