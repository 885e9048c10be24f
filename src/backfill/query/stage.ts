import { arrangePoints } from '../../metric/arrange-points.ts'
import { Kind, type PointBatch } from '../../metric/points.ts'
import { chunkOf, full } from '../../time/granularity.ts'
import type { Range, Time } from '../../time/range.ts'
import { openScratch, type Scratch } from '../../util/scratch.ts'

/**
 * Points on disk, to be read back hour by hour whatever their order: sources give one series after another, a lake keeps all of an hour
 * in one file. Memory holds the series, some points, and a few numbers for each hour they touch.
 */
export interface Stage extends AsyncDisposable {
  /** The hours that have points, in order. */
  readonly windows: readonly Range[]
  add(batch: PointBatch): Promise<void>
  /** The points of an hour, of which `part` is one, in canonical order, and how many another one of the same series and millisecond has replaced. */
  read(part: Range): Promise<{ points: PointBatch; duplicates: number }>
}

interface Run {
  readonly offset: number
  readonly length: number
}

/** Points that are kept in memory before they are put on disk together. */
const buffered = 65_536

/** @param path where the stage's file is made, which has no name from then on */
export async function openStage(path: string): Promise<Stage> {
  const file = await openScratch(path)
  const dictionary: string[] = []
  const idOf = new Map<string, number>()
  const runs = new Map<Time, Run[]>()
  let waiting: PointBatch[] = []
  let waitingPoints = 0

  const ids = (batch: PointBatch) =>
    Uint32Array.from(batch.dictionary, (text) => {
      const id = idOf.get(text) ?? dictionary.push(text) - 1
      idOf.set(text, id)
      return id
    })
  const flush = async () => {
    const batches = waiting
    waiting = []
    waitingPoints = 0
    for (const [start, bytes] of packByWindow(batches, ids)) {
      const known = runs.get(start) ?? []
      runs.set(start, known)
      known.push({ offset: file.size, length: bytes.length / rowSize })
      await file.append(bytes)
    }
  }

  return {
    get windows() {
      const starts = new Set([...runs.keys(), ...waiting.flatMap(({ time }) => [...time].map(windowOf))])
      return [...starts].sort((a, b) => a - b).map((start) => chunkOf(full, start))
    },
    async add(batch) {
      waiting.push(batch)
      waitingPoints += batch.length
      if (waitingPoints >= buffered) await flush()
    },
    async read({ start }) {
      await flush()
      const parts: PointBatch[] = []
      for (const run of runs.get(windowOf(start)) ?? []) parts.push(await readRun(file, run, dictionary))
      const points = arrangePoints(parts)
      return { points, duplicates: parts.reduce((sum, { length }) => sum + length, 0) - points.length }
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

const windowOf = (time: Time): Time => chunkOf(full, time).start

/** Series, kind, time, and the value: as an integer where it is one. */
const rowSize = 24

function packByWindow(batches: readonly PointBatch[], ids: (batch: PointBatch) => Uint32Array): Map<Time, Uint8Array> {
  const lengths = new Map<Time, number>()
  for (const { length, time } of batches) {
    for (let i = 0; i < length; i++) lengths.set(windowOf(time[i]), (lengths.get(windowOf(time[i])) ?? 0) + 1)
  }
  const writers = new Map([...lengths].map(([start, length]) => [start, rowWriter(length)]))
  for (const batch of batches) {
    const series = ids(batch)
    for (let i = 0; i < batch.length; i++) writers.get(windowOf(batch.time[i]))?.add(series[batch.series[i]], batch, i)
  }
  return new Map([...writers].map(([start, { bytes }]) => [start, bytes]))
}

function rowWriter(length: number) {
  const bytes = new Uint8Array(length * rowSize)
  const view = new DataView(bytes.buffer)
  let at = 0
  return {
    bytes,
    add(series: number, { time, value, kind, wide }: PointBatch, i: number) {
      // An integer that a double cannot hold, and that its source does not tell exactly, is a double.
      const exact = kind[i] === Kind.double ? undefined : (wide?.[i] ?? toInteger(value[i]))
      view.setUint32(at, series, true)
      view.setUint8(at + 4, exact === undefined ? Kind.double : Kind.int64)
      view.setFloat64(at + 8, time[i], true)
      if (exact === undefined) view.setFloat64(at + 16, value[i], true)
      else view.setBigInt64(at + 16, exact, true)
      at += rowSize
    },
  }
}

const toInteger = (value: number): bigint | undefined => (Number.isSafeInteger(value) ? BigInt(value) : undefined)

async function readRun(file: Scratch, { offset, length }: Run, dictionary: readonly string[]): Promise<PointBatch> {
  const bytes = await file.read(offset, length * rowSize)
  const view = new DataView(bytes.buffer)
  const column = <T>(get: (row: number) => T) => Array.from({ length }, (_, i) => get(i * rowSize))
  const kind = Uint8Array.from(column((row) => view.getUint8(row + 4)))
  const exact = BigInt64Array.from(
    column((row) => view.getBigInt64(row + 16, true)).map((one, i) => (kind[i] === Kind.double ? 0n : one)),
  )
  const isWide = exact.some((one) => !Number.isSafeInteger(Number(one)))
  return {
    input: 'stage',
    length,
    dictionary,
    series: Uint32Array.from(column((row) => view.getUint32(row, true))),
    time: Float64Array.from(column((row) => view.getFloat64(row + 8, true))),
    value: Float64Array.from(
      column((row) => view.getFloat64(row + 16, true)).map((one, i) =>
        kind[i] === Kind.double ? one : Number(exact[i]),
      ),
    ),
    kind,
    ...(isWide && { wide: exact }),
  }
}
