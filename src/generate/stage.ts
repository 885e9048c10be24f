import { type FileHandle, open, rm } from 'node:fs/promises'
import type { PointBatch } from '../metric/points.ts'
import type { MetricBatch } from '../metrics-file/batch.ts'
import { cellsOf } from '../metrics-file/fold.ts'
import { seriesText } from '../metrics-file/series.ts'
import { chunkOf, full } from '../time/granularity.ts'
import type { Range, Time } from '../time/range.ts'

/**
 * Generated metrics on disk, to be read back hour by hour: metrics are made one after another, a lake keeps all of an hour in one file.
 * Memory holds a few numbers for each hour that a batch touches.
 */
export interface Stage extends AsyncDisposable {
  /** Texts of all series, each once. */
  readonly series: readonly string[]
  /** The hours that have points, in order. */
  readonly windows: readonly Range[]
  add(batch: MetricBatch): Promise<void>
  /** The points of an hour, in the order in which they were added. */
  read(window: Range): Promise<PointBatch[]>
}

interface Run {
  readonly offset: number
  readonly length: number
}

/** @param path of the stage's file, which is removed in the end */
export async function openStage(path: string): Promise<Stage> {
  const file = await open(path, 'w+')
  const dictionary: string[] = []
  const idOf = new Map<string, number>()
  const runs = new Map<Time, Run[]>()
  let size = 0
  const id = (text: string) => {
    const known = idOf.get(text) ?? dictionary.push(text) - 1
    idOf.set(text, known)
    return known
  }
  return {
    series: dictionary,
    get windows() {
      return [...runs.keys()].sort((a, b) => a - b).map((start) => chunkOf(full, start))
    },
    async add(batch) {
      for (const [start, rows] of rowsByWindow(batch, id)) {
        const known = runs.get(start) ?? []
        runs.set(start, known)
        known.push({ offset: size, length: rows.length / rowWidth })
        const bytes = new Uint8Array(Float64Array.from(rows).buffer)
        await file.write(bytes, 0, bytes.length, size)
        size += bytes.length
      }
    },
    read: ({ start }) => Promise.all((runs.get(start) ?? []).map((run) => readRun(file, run, dictionary))),
    async [Symbol.asyncDispose]() {
      await file.close()
      await rm(path, { force: true })
    },
  }
}

/** Series, time, value and kind, each as a double. */
const rowWidth = 4

function rowsByWindow(batch: MetricBatch, id: (text: string) => number): Map<Time, number[]> {
  const ids = new Map<string | undefined, number>()
  const windows = new Map<Time, number[]>()
  for (const { time, key, value, kind } of cellsOf(batch)) {
    const series = ids.get(key) ?? id(seriesText(batch.metric, key))
    ids.set(key, series)
    const { start } = chunkOf(full, time)
    const rows = windows.get(start) ?? []
    windows.set(start, rows)
    rows.push(series, time, value, kind)
  }
  return windows
}

async function readRun(file: FileHandle, { offset, length }: Run, dictionary: readonly string[]): Promise<PointBatch> {
  const rows = new Float64Array(length * rowWidth)
  await file.read(new Uint8Array(rows.buffer), 0, rows.byteLength, offset)
  const column = (at: number) => Float64Array.from({ length }, (_, i) => rows[i * rowWidth + at])
  return {
    input: 'generated',
    length,
    dictionary,
    series: Uint32Array.from(column(0)),
    time: column(1),
    value: column(2),
    kind: Uint8Array.from(column(3)),
  }
}
