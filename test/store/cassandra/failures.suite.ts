import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../../examples/archive.js'
import { openCassandra } from '../../../src/store/cassandra/store.ts'
import { parseCassandraUrl } from '../../../src/store/cassandra/url.ts'
import { type Granularity, min5, min60 } from '../../../src/time/granularity.ts'
import { hour } from '../../../src/time/range.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { waitUntil } from '../../services/support.ts'
import { type CliResult, startCli } from '../../support/cli.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { pointsOf, rollupsOf } from '../../support/rows.ts'
import { startOverloadProxy } from './overload-proxy.ts'
import { type Bystander, bystander, literalBytes, times } from './support.ts'

const root = temporaryFolder()
const archive = join(root, 'archive')
const start = Date.UTC(2014, 1, 14, 20)
const range = { start, end: start + 2 * hour }

export function failuresSuite(server: CassandraServer): void {
  describe('a Cassandra that fails', () => {
    let other: Bystander
    beforeAll(async () => {
      makeArchive({ directory: archive, start, files: 120, checks: 1 })
      other = await bystander(server)
    })
    afterAll(() => other.close())

    /** A run into a keyspace; every call goes on with it. */
    const runInto = (keyspace: string) => {
      const place = [`--from=${archive}`, `--to=cassandra://${server.host}/${keyspace}`, ...times(range)]
      const state = `--state-dir=${mkdtempSync(join(root, 'state-'))}`
      return (args: readonly string[] = [], user = 'cassandra') =>
        startCli(['rollup', ...place, '--granularity=5m,60m', '--workers=0', '--quiet', state, ...args], {
          env: { CASSANDRA_USERNAME: user, CASSANDRA_PASSWORD: user },
        }).result
    }
    const rowsThere = async (granularity: Granularity, keyspace: string) =>
      Object.keys(await other.bytes(granularity, keyspace)).length
    /** Waits until a run has written something. */
    const someRows = async (keyspace: string, running: Promise<CliResult>) => {
      const there = waitUntil(async () => {
        if ((await rowsThere(min5, keyspace)) === 0) throw new Error('no rows yet')
      }, 60_000)
      const ended = running.then(({ stderr }) => {
        throw new Error(`ended before: ${stderr}`)
      })
      await Promise.race([there, ended])
    }
    const expectUndisturbed = async (keyspace: string) => {
      const literal = await literalBytes(archive, range)
      for (const granularity of [min5, min60])
        expect(await other.bytes(granularity, keyspace)).toEqual(literal[granularity.name])
    }

    it('because the user may only read ends with 2 and one clear line, and nothing is done', async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      await other.run("CREATE ROLE reader WITH PASSWORD = 'reader' AND LOGIN = true")
      await other.run(`GRANT SELECT ON KEYSPACE "${keyspace}" TO reader`)
      const run = runInto(keyspace)
      const { code, stderr } = await run([], 'reader')
      expect(code).toBe(2)
      expect(stderr).toMatch(/^error: Cassandra at \S+ does not allow it: User reader has no MODIFY permission on/m)
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(await rowsThere(min5, keyspace)).toBe(0)
      expect(await run()).toMatchObject({ code: 0 })
      await expectUndisturbed(keyspace)
    })

    it('because a table is dropped ends with one clear line, and goes on once it is there again', async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      const run = runInto(keyspace)
      const running = run(['--max-writes-per-second=100'])
      await someRows(keyspace, running)
      await other.run(`DROP TABLE "${keyspace}".metrics_5m`)
      const { code, stderr } = await running
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^error: Cassandra at \S+ refuses: .*\n {2}.*if a table is missing, --create-schema makes it/m,
      )
      expect(stderr).not.toMatch(/\n\s+at /)
      // What was pushed before is missing now, and named.
      expect([0, 4]).toContain((await run(['--create-schema'])).code)
      expect(await run()).toMatchObject({ code: 0 })
      await expectUndisturbed(keyspace)
    })

    it('because it does not answer in time says so, and takes the rows once it does', async () => {
      const keyspace = await other.newKeyspace('5m')
      const url = parseCassandraUrl(`cassandra://cassandra@${server.host}/${keyspace}?timeout=2s`)
      await using store = await openCassandra(url, { password: 'cassandra', patience: 1_500 })
      const change = { granularity: min5, rows: rollupsOf([['a', start, 1]]), gone: pointsOf([]) }
      await store.patch(change)
      server.pause()
      try {
        await expect(store.patch(change)).rejects.toMatchObject({
          exitCode: 1,
          message: expect.stringMatching(/^(Cassandra at \S+ does not keep up|no Cassandra answers)/),
        })
      } finally {
        server.resume()
      }
      await waitUntil(() => store.patch(change).then(() => undefined), 60_000)
    })

    it('because it is overloaded says so, with nothing done, and is given time where it soon no longer is', async () => {
      const keyspace = await other.newKeyspace('5m')
      const proxy = await startOverloadProxy(server.host)
      const url = parseCassandraUrl(`cassandra://cassandra@${proxy.host}/${keyspace}`)
      await using store = await openCassandra(url, { password: 'cassandra', patience: 1_500 })
      const change = { granularity: min5, rows: rollupsOf([['a', start, 1]]), gone: pointsOf([]) }
      proxy.isOverloaded = true
      await expect(store.patch(change)).rejects.toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(/^Cassandra at \S+ does not keep up: .*overloaded/),
      })
      expect(await rowsThere(min5, keyspace)).toBe(0)
      setTimeout(() => {
        proxy.isOverloaded = false
      }, 500)
      await store.patch(change)
      expect(await rowsThere(min5, keyspace)).toBe(1)
      await proxy.close()
    })

    it('because it is killed in mid-run, and starts again ten seconds later, has every row in the end', {
      timeout: 600_000,
    }, async () => {
      const keyspace = await other.newKeyspace('5m', '60m')
      const run = runInto(keyspace)
      const running = run(['--max-writes-per-second=100'])
      await someRows(keyspace, running)
      await server.crash()
      await sleep(10_000)
      await server.restart()
      const { code, stderr } = await running
      // It waits for a minute, which a busy machine may need for more than a start.
      if (code !== 0) expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: /m) })
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(await run(['--verify=full'])).toMatchObject({ code: 0 })
      await waitUntil(() => expectUndisturbed(keyspace), 60_000)
    })
  })
}
