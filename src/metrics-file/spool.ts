import { randomUUID } from 'node:crypto'
import type { Kind, PointBatch } from '../metric/points.ts'
import type { Time } from '../time/range.ts'
import { openScratch, type Scratch } from '../util/scratch.ts'
import { nameBeside } from '../util/temporary.ts'

/** One number of a metrics file: a point of its own, or with a key a part of one. */
export interface Cell {
  readonly time: Time
  readonly key?: string
  readonly value: number
  readonly kind: Kind
}

/** Points of many series on disk, to be read back series by series. Memory holds a few numbers for each run of one series. */
export interface Spool extends AsyncDisposable {
  /** Texts of the series added, in the order in which they first came. */
  readonly series: Iterable<string>
  add(batch: PointBatch): Promise<void>
  /** The points of a series in the order in which they were added, as cells of `key`. */
  read(series: string, key: string | undefined): AsyncIterable<Cell>
}

interface Run {
  readonly offset: number
  readonly length: number
}

const rowSize = 2 * Float64Array.BYTES_PER_ELEMENT + 1

/** @param path that the spool's own file is made beside */
export async function openSpool(path: string): Promise<Spool> {
  const file = await openScratch(nameBeside(path, `${randomUUID().slice(0, 8)}.spool`))
  const runs = new Map<string, Run[]>()
  return {
    get series() {
      return runs.keys()
    },
    async add(batch) {
      for (const [start, end] of runsOf(batch)) {
        const text = batch.dictionary[batch.series[start]]
        const known = runs.get(text) ?? []
        runs.set(text, known)
        known.push({ offset: file.size, length: end - start })
        await file.append(pack(batch, start, end))
      }
    },
    async *read(series, key) {
      for (const run of runs.get(series) ?? []) yield* unpack(file, run, key)
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

/** The longest stretches of one series. */
function* runsOf({ length, series }: PointBatch): Iterable<[start: number, end: number]> {
  for (let start = 0, i = 1; start < length; i++) {
    if (i < length && series[i] === series[start]) continue
    yield [start, i]
    start = i
  }
}

/** Times, values and kinds, column after column. */
function pack({ time, value, kind }: PointBatch, start: number, end: number): Uint8Array {
  const bytes = (column: Float64Array) => Buffer.from(column.slice(start, end).buffer)
  return Buffer.concat([bytes(time), bytes(value), kind.subarray(start, end)])
}

async function* unpack(file: Scratch, { offset, length }: Run, key: string | undefined): AsyncIterable<Cell> {
  const bytes = await file.read(offset, length * rowSize)
  const time = new Float64Array(bytes.buffer, 0, length)
  const value = new Float64Array(bytes.buffer, length * Float64Array.BYTES_PER_ELEMENT, length)
  const kind = bytes.subarray(2 * length * Float64Array.BYTES_PER_ELEMENT)
  for (let i = 0; i < length; i++) yield { time: time[i], key, value: value[i], kind: kind[i] as Kind }
}
