import fc from 'fast-check'
import { expect } from 'vitest'
import { caller } from '../../../src/bucket/caller.ts'
import { parseSeries } from '../../../src/metric/series.ts'
import { parseGivenOption } from '../../../src/source/options.ts'
import { openSource } from '../../../src/source/registry.ts'
import type { Range } from '../../../src/time/range.ts'
import { type Row, rowsOf, sorted } from '../../support/rows.ts'
import { now, plain, range, start } from './data.ts'
import type { MatrixSource } from './sources.ts'

/** Reads a range of a source as a backfill asks for it. */
async function read(
  { from, rows, stdin = '' }: MatrixSource,
  part: Range,
  env: Record<string, string>,
): Promise<Row[]> {
  async function* input() {
    yield Buffer.from(stdin)
  }
  const [location, , ...options] = from
  const context = { env, caller: caller(), stdin: input(), now }
  const { source, needsMetric } = await openSource(location, options.map(parseGivenOption), context)
  const names = needsMetric ? [...new Set(rows.map(([text]) => parseSeries(text).name))] : undefined
  const found: Row[] = []
  for await (const batch of source.read({ names }, part)) found.push(...rowsOf(batch))
  return plain(found)
}

/** Cuts at instants that matter, and at any others. */
const cut = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 1_001, 1_999, 2_000, 61_000, 61_123, 3_599_999, 3_600_000, 5_400_000, 7_199_999),
  fc.integer({ min: 0, max: range.end - start }),
)

/** Reads a range in parts, cut at random: together they must be what the whole range is. */
export async function expectWholeHoweverCut(source: MatrixSource, env: Record<string, string>): Promise<void> {
  const whole = plain(source.rows)
  expect(await read(source, range, env)).toEqual(whole)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(cut, { minLength: 1, maxLength: 3 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), range.end - start].map((at) => start + at)
      const parts: Row[] = []
      for (const [i, end] of places.slice(1).entries())
        parts.push(...(await read(source, { start: places[i], end }, env)))
      expect(sorted(parts)).toEqual(source.carries ? carried(whole, places.slice(0, -1)) : whole)
    }),
    { numRuns: 5 },
  )
}

/** The same rows, and at the start of each part the value that is in effect there. */
function carried(whole: readonly Row[], starts: readonly number[]): Row[] {
  const added = starts.flatMap((time): Row[] => {
    const last = whole.findLast((row) => row[1] <= time)
    return last && last[1] < time ? [[last[0], time, last[2]]] : []
  })
  return sorted([...whole, ...new Map(added.map((row) => [row[1], row])).values()])
}
