import { formatTime } from '../time/range.ts'
import { type DataKey, dataOf } from './data.ts'
import type { Simulation } from './simulation.ts'

export type SeriesFormat = 'csv' | 'ndjson'

const rowsPerPiece = 4_096

/**
 * The data of a simulation step by step, as text: a row for each step of `step` ms from the start, with the value of each key at
 * the step's start, or for money the $ spent in it. The last step may be shorter.
 */
export function* exportSeries(
  simulation: Simulation,
  { keys, step, format }: { keys: readonly DataKey[]; step: number; format: SeriesFormat },
): Generator<string> {
  const { start, end } = simulation.range
  const columns = keys.map((key) => dataOf(key, simulation, { start, end, step }))
  const rowAt = (i: number): string => {
    const time = formatTime(start + i * step)
    if (format === 'csv') return `${[time, ...columns.map((column) => column[i])].join(',')}\n`
    return `${JSON.stringify({ time, ...Object.fromEntries(keys.map((key, k) => [key, columns[k][i]])) })}\n`
  }
  if (format === 'csv') yield `${['time', ...keys].join(',')}\n`
  for (let from = 0; from < columns[0].length; from += rowsPerPiece) {
    const rows = Array.from({ length: Math.min(rowsPerPiece, columns[0].length - from) }, (_, i) => rowAt(from + i))
    yield rows.join('')
  }
}
