import { join } from 'node:path'
import { Kind, type PointBatch } from '../metric/points.ts'
import { formatSeries } from '../metric/series.ts'
import { idOf, keepJob } from '../store/lake/job-file.ts'
import { openLake } from '../store/lake/lake.ts'
import { jobFolder, prepareLake, stateFolder } from '../store/lake/layout.ts'
import { full } from '../time/granularity.ts'
import { split, type Time } from '../time/range.ts'
import { nodeFiles } from '../util/files.ts'
import { acquireLock } from '../util/lock.ts'
import { type DataKey, dataOf } from './data.ts'
import type { Simulation } from './simulation.ts'

export interface LakeExport {
  readonly keys: readonly DataKey[]
  /** Ms. */
  readonly step: number
  /** Whether the lock of a process on another host is taken over. */
  readonly takeOver?: boolean
  readonly signal?: AbortSignal
}

/**
 * Writes the data of a simulation step by step into a lake, as points: a series for each key, tagged with the simulation's name and its cluster. What
 * the same simulation has in the window is replaced; a series that another job holds is refused.
 */
export async function exportToLake(path: string, simulation: Simulation, options: LakeExport): Promise<void> {
  await prepareLake(nodeFiles, path)
  const lock = await acquireLock(join(path, stateFolder, 'lock'), options)
  try {
    await writeSeries(path, simulation, options)
  } finally {
    await lock.release()
  }
}

async function writeSeries(path: string, simulation: Simulation, { keys, step, signal }: LakeExport): Promise<void> {
  const description = describeJob(simulation)
  const job = idOf(description)
  await using lake = await openLake({ path, job, metadata: { 'retrofill.job': job } })
  await keepJob(nodeFiles, jobFolder(path, job), description)
  const { start, end } = simulation.range
  const columns = keys.map((key) => ({
    text: seriesOf(key, simulation),
    values: dataOf(key, simulation, { start, end, step }),
  }))
  const series = new Set(columns.map(({ text }) => text))
  for (const window of split(simulation.range, full.chunk)) {
    signal?.throwIfAborted()
    const from = Math.ceil((window.start - start) / step)
    const to = Math.ceil((window.end - start) / step)
    const batches = columns.map(({ text, values }) =>
      batchOf(text, values.subarray(from, to), (i) => start + (from + i) * step),
    )
    await lake.replace({ granularity: full, range: window, series }, batches)
  }
}

const describeJob = ({ name, cluster }: Simulation) => ({
  kind: 'simulate',
  source: `simulation ${name}`,
  cluster: cluster ?? null,
})

const batchOf = (text: string, value: Float64Array, timeOf: (i: number) => Time): PointBatch => ({
  input: 'simulation',
  length: value.length,
  dictionary: [text],
  series: new Uint32Array(value.length),
  time: Float64Array.from(value, (_, i) => timeOf(i)),
  value,
  kind: new Uint8Array(value.length).fill(Kind.double),
})

const seriesOf = (key: DataKey, simulation: Simulation): string => formatSeries({ name: key, tags: tagsOf(simulation) })

/** In the order of their names; a pool is called `<pool>.<scheduler>`, as in metrics. */
function tagsOf({ name, cluster }: Simulation): [string, string][] {
  if (!cluster) return [['simulation', name]]
  const pool = cluster.scheduler === undefined ? cluster.pool : `${cluster.pool}.${cluster.scheduler}`
  return [
    ['cluster', cluster.cluster],
    ['pool', pool],
    ['simulation', name],
  ]
}
