import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Caller, caller } from '../../src/bucket/caller.ts'
import type { Source } from '../../src/source/source.ts'
import { contains, hour, minute, type Range } from '../../src/time/range.ts'
import { ExitCode } from '../../src/util/errors.ts'
import { fakeClock } from '../fakes/clock.ts'
import { type Fault, type FaultyProxy, type ProxiedRequest, startFaultyProxy } from '../fakes/faulty-proxy.ts'
import { opened, runBackfill, storedRows } from '../support/backfills.ts'
import { temporaryFolder } from '../support/folders.ts'
import type { Row } from '../support/rows.ts'

/** A service with some hours of points, and how it speaks. */
export interface FaultyService {
  readonly url: string
  readonly metrics?: readonly string[]
  readonly range: Range
  /** Opens it, or what stands before it. */
  open(url: string, polite: Caller): Promise<Source>
  /** Throttling as HTTP 400, where the service has it so. */
  readonly throttled?: Fault
  /** A token that has expired. */
  readonly expired: Fault
  /** A clock that is wrong. */
  readonly skewed?: Fault
  /** A page without anything that leads to the same page again. */
  readonly empty?: Fault
  /** A request for more than so many ms is too large: what it answers, and whether it is one. */
  readonly tooLarge?: { readonly fault: Fault; spanOf(request: ProxiedRequest): number }
  /** Whether its answers come in several pages here. */
  readonly isPaged: boolean
  /** The time at which it is asked, where that matters. */
  now?(): number
  /** Whether a request is for a page of points. */
  isPage?(request: ProxiedRequest): boolean
}

type Outcome = 'equal' | 'equal or undone' | 'stopped'

interface FaultCase {
  readonly what: string
  /** What goes wrong with the n-th request, from 0. */
  fault(service: FaultyService, request: ProxiedRequest, n: number): Fault | undefined
  readonly outcome: Outcome
  /** Whom it can befall, if not everybody. */
  readonly needs?: 'throttled' | 'skewed' | 'empty' | 'isPaged' | 'tooLarge'
}

/** The same fault for some requests, by their number. */
const some = (isHit: (n: number) => boolean, fault: Fault): FaultCase['fault'] => {
  return (_service, _request, n) => (isHit(n) ? fault : undefined)
}

const faults: readonly FaultCase[] = [
  { what: '429 with Retry-After', fault: some((n) => n % 3 === 0, { status: 429, retryAfter: '2' }), outcome: 'equal' },
  { what: '503 with Retry-After', fault: some((n) => n % 3 === 1, { status: 503, retryAfter: '1' }), outcome: 'equal' },
  {
    what: 'a Retry-After that has passed',
    fault: some((n) => n % 3 === 1, { status: 503, retryAfter: new Date(Date.UTC(2000, 0, 1)).toUTCString() }),
    outcome: 'equal',
  },
  { what: '500 again and again', fault: some((n) => n % 4 !== 3, { status: 500 }), outcome: 'equal' },
  {
    what: 'throttling as HTTP 400',
    fault: ({ throttled }, _, n) => (n % 2 === 0 ? throttled : undefined),
    outcome: 'equal',
    needs: 'throttled',
  },
  { what: 'resets', fault: some((n) => n % 2 === 0, { reset: 0.5 }), outcome: 'equal' },
  { what: 'truncated bodies', fault: some((n) => n % 2 === 1, { shorten: 0.6 }), outcome: 'equal' },
  { what: 'a slow first byte', fault: some((n) => n % 5 === 1, { delay: 700 }), outcome: 'equal' },
  {
    what: 'a clock that is wrong',
    fault: ({ skewed }, _, n) => (n % 4 === 1 ? skewed : undefined),
    outcome: 'equal',
    needs: 'skewed',
  },
  {
    what: 'requests that are too large',
    fault: ({ tooLarge }, request) => (tooLarge && tooLarge.spanOf(request) > 20 * minute ? tooLarge.fault : undefined),
    outcome: 'equal',
    needs: 'tooLarge',
  },
  {
    what: 'empty pages',
    fault: (service, request, n) => (isPage(service, request) && n % 4 < 2 ? service.empty : undefined),
    outcome: 'equal or undone',
    needs: 'empty',
  },
  {
    what: 'repeated pages',
    fault: (_, { body }, n) => (isNext(body) && n % 3 > 0 ? { repeat: true } : undefined),
    outcome: 'equal or undone',
    needs: 'isPaged',
  },
  { what: 'an expired token', fault: ({ expired }, _, n) => (n >= 2 ? expired : undefined), outcome: 'stopped' },
  { what: 'a service that goes down', fault: some((n) => n >= 2, { status: 503 }), outcome: 'equal or undone' },
]

/** Whether a request goes on where an answer has ended. */
const isNext = (body: string): boolean => /NextToken|search_after|"after":|ExclusiveStartKey/.test(body)

const isPage = ({ isPage: is = () => true }: FaultyService, request: ProxiedRequest): boolean => is(request)

/** What every source must show behind a proxy that breaks what passes: a store ends equal, or what is missing is reported as undone. */
export function faultsSuite(name: string, make: () => Promise<FaultyService>): void {
  const root = temporaryFolder()

  describe(`${name} behind a proxy that breaks what passes`, () => {
    let service: FaultyService
    let proxy: FaultyProxy
    let truth: Row[]
    beforeAll(async () => {
      service = await make()
      proxy = await startFaultyProxy(service.url)
      const { path, summary } = await run()
      expect(summary).toMatchObject({ exitCode: ExitCode.ok })
      truth = await storedRows(path)
      expect(truth.length).toBeGreaterThan(10)
    })
    afterAll(() => proxy.stop())
    beforeEach(() => proxy.reset())

    async function run(path = join(mkdtempSync(join(root, 'case-')), 'lake')) {
      // Pauses take no time, and a request has less of it than a slow first byte takes.
      const polite = caller({ clock: fakeClock(), concurrency: 1, timeout: 500 })
      const source = hourly(await service.open(proxy.url, polite))
      const from = { ...opened(source, name), needsMetric: service.metrics !== undefined }
      const { range, metrics } = service
      const summary = await runBackfill(
        source,
        { kind: 'lake', path },
        { from, range, metrics, concurrency: 1 },
        { now: service.now ?? Date.now },
      )
      return { path, summary }
    }

    it.each(faults)(
      'holds what is there, or says what it lacks, in spite of $what',
      async ({ fault, outcome, needs }) => {
        const path = join(mkdtempSync(join(root, 'case-')), 'lake')
        let n = 0
        proxy.fault = (request) => fault(service, request, n++)
        const ended = await run(path).catch((error) => error)
        expect(proxy.faults > 0).toBe(needs === undefined || Boolean(service[needs]))
        const undone: readonly { range: Range }[] = ended.summary?.report.failed ?? [{ range: service.range }]
        const stored = await storedRows(path)
        expect(stored).toEqual(stored.filter((row) => truth.some((true_) => String(true_) === String(row))))
        const missing = truth.filter((row) => !stored.some((held) => String(held) === String(row)))
        for (const [, time] of missing) expect(undone.some(({ range }) => contains(range, time))).toBe(true)
        if (outcome === 'equal')
          expect({ undone: ended.summary?.report.failed, missing }).toEqual({ undone: [], missing: [] })
        if (outcome === 'stopped') expect(ended).toMatchObject({ exitCode: ExitCode.usage })
        else expect(ended.summary).toBeDefined()

        proxy.reset()
        expect((await run(path)).summary.exitCode).toBe(ExitCode.ok)
        expect(await storedRows(path)).toEqual(truth)
      },
    )
  })
}

/** The same source, read hour by hour. */
const hourly = (source: Source): Source => ({
  ...source,
  limits: async (...about) => ({ ...(await source.limits?.(...about)), span: hour }),
})
