import {
  addTallies,
  addTally,
  newTally,
  type SeriesTallies,
  type Summary,
  sameSummary,
  summaryOf,
  type Tally,
  tallyOf,
} from '../metric/summary.ts'
import type { Granularity } from '../time/granularity.ts'
import { formatRange, type Range } from '../time/range.ts'
import { sortByBytes } from '../util/bytes.ts'
import { summed } from './difference.ts'
import type { Span } from './ledger.ts'

/** A series of a chunk that is not, read back from where it belongs, what was read; absent where a side has nothing of it. */
export interface SeriesMismatch {
  readonly granularity: string
  readonly range: Range
  readonly series: string
  readonly read?: Summary
  readonly found?: Summary
}

/** What was read back of a series and found equal. */
export interface SeriesProof extends Summary {
  readonly granularity: string
  readonly series: string
}

/** All series of some chunks together. */
export interface ProofTotal extends Summary {
  readonly granularity: string
  /** Chunks that have rows, and those of them that were read back and found equal, in this run or before. */
  readonly chunks: number
  readonly proven: number
}

export interface ProofReport {
  /** Chunks that this run has read back and found equal, and their series. */
  readonly chunks: number
  readonly series: readonly SeriesProof[]
  /** How many series of a chunk were not equal, and the first of them. */
  readonly differing: number
  readonly different: readonly SeriesMismatch[]
}

interface Sides {
  readonly read: SeriesTallies
  readonly found: SeriesTallies
}

/** Compares what was read with what is read back, chunk by chunk. Memory holds a few numbers for each series. */
export interface Proof {
  check(place: Pick<SeriesMismatch, 'range'> & { granularity: Granularity }, sides: Sides): ProofOutcome
  report(): ProofReport
}

/** What the series of a chunk come to together, or what differs. */
export interface ProofOutcome {
  readonly proven?: Summary
  readonly difference?: string
}

/** Mismatches that are told of one by one. */
const mostTold = 1_000

export function openProof(): Proof {
  const totals = new Map<string, SeriesTallies>()
  const different: SeriesMismatch[] = []
  let [chunks, differing] = [0, 0]
  return {
    check({ granularity: { name }, range }, sides) {
      const wrong = differences(sides)
      differing += wrong.length
      const named = wrong.map((one) => ({ granularity: name, range: { start: range.start, end: range.end }, ...one }))
      different.push(...named.slice(0, mostTold - different.length))
      if (wrong.length > 0) return { difference: summed(wrong.map((one) => wordDifference(one, range))) }
      chunks++
      const known = totals.get(name) ?? new Map()
      totals.set(name, known)
      addTallies(known, sides.read)
      return { proven: summaryOf(sumOf(sides.read.values())) }
    },
    report: () => ({
      chunks,
      series: [...totals].flatMap(([granularity, tallies]) =>
        [...tallies].map(([series, tally]) => ({ granularity, series, ...summaryOf(tally) })),
      ),
      differing,
      different,
    }),
  }
}

type Difference = Pick<SeriesMismatch, 'series' | 'read' | 'found'>

/** The series that are not the same on both sides. */
export function differences({ read, found }: Sides): Difference[] {
  const names = sortByBytes([...new Set([...read.keys(), ...found.keys()])])
  return names.flatMap((series) => {
    const [a, b] = [read.get(series), found.get(series)].map((tally) => tally && summaryOf(tally))
    return a && b && sameSummary(a, b) ? [] : [{ series, ...(a && { read: a }), ...(b && { found: b }) }]
  })
}

const wordDifference = ({ series, read, found }: Difference, range: Range): string =>
  `${series} in ${formatRange(range)}: read ${describeSummary(read)}; read back ${describeSummary(found)}`

/** A summary in words. */
export const describeSummary = (summary: Summary | undefined): string => {
  if (!summary) return 'no points'
  const { count, sum, min, max, hash } = summary
  return `${count} point${count === 1 ? '' : 's'}, sum ${sum}, min ${min}, max ${max}, hash ${hash}`
}

function sumOf(tallies: Iterable<Tally>): Tally {
  const total = newTally()
  for (const tally of tallies) addTally(total, tally)
  return total
}

/** What the spans of a granularity that have rows come to together. */
export function totalOf(granularity: Granularity, spans: readonly Span[]): ProofTotal {
  const full = spans.filter(({ rows }) => rows > 0)
  const proven = full.flatMap((span) => span.proven ?? [])
  return {
    granularity: granularity.name,
    chunks: full.length,
    proven: proven.length,
    ...summaryOf(sumOf(proven.map(tallyOf))),
  }
}
