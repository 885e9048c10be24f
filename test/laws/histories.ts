import fc from 'fast-check'
import { hour, minute, type Range } from '../../src/time/range.ts'
import { line, metric } from '../archive/support.ts'
import { type RawFile, rawName } from '../support/archives.ts'

/** The range of the laws: three hours, in the middle of which points come late, twice and out of order. */
export const whole: Range = { start: Date.UTC(2014, 1, 14, 14), end: Date.UTC(2014, 1, 14, 17) }

/** A line of an archive and the minute, from the start of the range, in which it arrives. */
interface Arrival {
  readonly minute: number
  readonly text: string
}

/** A stream of lines in the order of their arrival. */
export type History = readonly Arrival[]

/** How often files are flushed. */
const flush = 5

/** A check that reports every few minutes, so that slots close; among its lines others, up to 70 minutes late, often for one millisecond. */
export const history: fc.Arbitrary<History> = fc.array(someArrival(), { minLength: 1, maxLength: 40 }).map((some) => {
  const steady = Array.from({ length: 45 }, (_, i) => arrival({ minute: 4 * i, late: 0, check: 'steady', value: i }))
  return [...steady, ...some].sort((a, b) => a.minute - b.minute)
})

function someArrival(): fc.Arbitrary<Arrival> {
  return fc
    .record({
      minute: fc.nat({ max: 200 }),
      late: fc.oneof(fc.constantFrom(0, 1, 60), fc.nat({ max: 70 })),
      check: fc.constantFrom('a', 'b', 'remote'),
      value: fc.oneof(
        fc.integer({ min: -9, max: 9 }),
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.maxSafeInteger(),
      ),
    })
    .map(arrival)
}

interface Report {
  readonly minute: number
  readonly late: number
  readonly check: string
  readonly value: number
}

function arrival({ minute: at, late, check, value }: Report): Arrival {
  const timestamp = whole.start + (at - late) * minute
  const integer = Number.isInteger(value)
    ? metric({ metricType: 108, valueI64: value })
    : metric({ metricType: 115, valueStr: 'x' })
  const metrics = { double: metric({ valueDbl: value }), integer }
  const checkType = check === 'remote' ? 'remote.http' : 'agent.cpu'
  return { minute: at, text: line({ timestamp, checkId: check, checkType }, metrics) }
}

/** The files of a history, flushed every five minutes; `cuts` says before which of its lines one more file begins. */
export function filesOf(lines: History, cuts: readonly boolean[] = []): RawFile[] {
  const files: { name: string; lines: string[]; bucket: number; chunk: number }[] = []
  for (const [i, { minute: at, text }] of lines.entries()) {
    const bucket = Math.floor(at / flush)
    const last = files.at(-1)
    if (last?.bucket === bucket && !cuts[i % cuts.length]) last.lines.push(text)
    else {
      const chunk = last?.bucket === bucket ? last.chunk + 1 : 0
      files.push({
        name: rawName(whole.start + (bucket + 1) * flush * minute + 5_233, chunk),
        lines: [text],
        bucket,
        chunk,
      })
    }
  }
  return files
}

export const cuts: fc.Arbitrary<boolean[]> = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })

/** The range in parts, in any order; cut at hours, at slots, and inside slots. */
export const parts: fc.Arbitrary<Range[]> = fc
  .array(
    fc.oneof(
      fc.constantFrom(hour, 2 * hour),
      fc.integer({ min: 1, max: 35 }).map((slots) => slots * 5 * minute),
      fc.integer({ min: 1, max: 179 }).map((minutes) => minutes * minute),
    ),
    { maxLength: 4 },
  )
  .map((offsets) => [...new Set([0, ...offsets, whole.end - whole.start])].sort((a, b) => a - b))
  .map((offsets) => offsets.slice(1).map((end, i) => ({ start: whole.start + offsets[i], end: whole.start + end })))
  .chain((ranges) => fc.shuffledSubarray(ranges, { minLength: ranges.length }))
