import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Source } from '../../../src/source/source.ts'
import { storeSource } from '../../../src/source/store.ts'
import { cassandraReader } from '../../../src/store/cassandra/reader.ts'
import { full } from '../../../src/time/granularity.ts'
import { contains, hour, minute, type Range } from '../../../src/time/range.ts'
import { ExitCode } from '../../../src/util/errors.ts'
import type { CassandraServer } from '../../services/cassandra.ts'
import { opened, runBackfill, storedRows } from '../../support/backfills.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { type Row, sorted } from '../../support/rows.ts'
import { valueHex } from './literal.ts'
import { type OverloadProxy, type StatementFault, startOverloadProxy } from './overload-proxy.ts'
import { bystander } from './support.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const range: Range = { start, end: start + 2 * hour }
const rows = ['a', 'b'].flatMap((host) =>
  Array.from({ length: 24 }, (_, i): Row => [`web.${host}`, start + i * 5 * minute, i / 8 + 0.001]),
)
const login = { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' }

interface FaultCase {
  readonly what: string
  fault(n: number): StatementFault | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly outcome: 'equal' | 'equal or undone' | 'stopped'
}

const some = (isHit: (n: number) => boolean, fault: StatementFault) => (n: number) => (isHit(n) ? fault : undefined)

const faults: readonly FaultCase[] = [
  { what: 'an overloaded server', fault: some((n) => n % 3 === 0, 'overloaded'), outcome: 'equal' },
  { what: 'resets', fault: some((n) => n % 50 === 7, 'reset'), outcome: 'equal or undone' },
  { what: 'truncated answers', fault: some((n) => n % 50 === 9, 'truncated'), outcome: 'equal or undone' },
  { what: 'slow answers', fault: some((n) => n % 90 === 5, 'slow'), outcome: 'equal' },
  { what: 'a server that goes down', fault: some((n) => n >= 140, 'overloaded'), outcome: 'equal or undone' },
  { what: 'a wrong password', fault: () => undefined, env: { CASSANDRA_PASSWORD: 'no' }, outcome: 'stopped' },
]

/** What the shared table of faults asks of services that speak HTTP, of Cassandra's own protocol. */
export function faultsSuite(server: CassandraServer): void {
  describe('as a source behind a proxy that breaks what passes', () => {
    let proxy: OverloadProxy
    let keyspace: string
    beforeAll(async () => {
      proxy = await startOverloadProxy(server.host)
      const other = await bystander(server)
      keyspace = await other.newKeyspace('full')
      const bytes = rows.map(([text, time, value]) => [`${text} ${time}`, valueHex(Number(value), 'n')])
      await other.put(full, keyspace, Object.fromEntries(bytes))
      await other.close()
    })
    afterAll(() => proxy.close())

    function run(path: string, env: FaultCase['env'] = {}) {
      const location = `cassandra://${proxy.host}/${keyspace}?timeout=8s`
      const reader = storeSource(cassandraReader(location, { env: { ...login, ...env }, patience: 4_000 }))
      const source: Source = { ...reader, limits: async () => ({ span: hour }) }
      return runBackfill(source, { kind: 'lake', path }, { from: opened(source), range, concurrency: 1 })
    }

    it.each(faults)(
      'holds what is there, or says what it lacks, in spite of $what',
      async ({ fault, env, outcome }) => {
        const path = join(mkdtempSync(join(root, 'case-')), 'lake')
        let n = 0
        proxy.fault = () => fault(n++)
        const ended = await run(path, env).catch((error) => error)
        proxy.fault = () => undefined
        const undone: readonly { range: Range }[] = ended.report?.failed ?? [{ range }]
        const stored = outcome === 'stopped' ? [] : await storedRows(path)
        const missing = rows.filter((row) => !stored.some((held) => String(held) === String(row)))
        expect(stored).toEqual(sorted(rows.filter((row) => !missing.includes(row))))
        for (const [, time] of missing) expect(undone.some((part) => contains(part.range, time))).toBe(true)
        if (outcome === 'equal') expect({ undone, missing }).toEqual({ undone: [], missing: [] })
        if (outcome === 'stopped') expect(ended).toMatchObject({ exitCode: ExitCode.usage })
        else expect(ended.report).toBeDefined()
        expect(await run(path)).toMatchObject({ exitCode: ExitCode.ok })
        expect(await storedRows(path)).toEqual(sorted(rows))
      },
      60_000,
    )
  })
}
