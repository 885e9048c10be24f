import { minute } from '../../time/range.ts'
import { type DataKey, dataOf, functionOf, integralInHours, isMoney } from '../data.ts'
import { type Grid, sample } from '../piecewise.ts'
import type { Simulation } from '../simulation.ts'
import { type LocalDay, localDays } from './calendar.ts'
import { ascending, quantile } from './statistics.ts'

/** A rectangle of the heat-map: some minutes of a day and their mean. */
export interface Cell {
  readonly month: string
  readonly day: number
  /** Minutes of the wall clock; `to` does not belong to it. */
  readonly from: number
  readonly to: number
  readonly value: number
  /** Whether some minute of it exceeds the threshold. */
  readonly exceeds: boolean
}

/** The quartiles of one day. */
export interface DayFigures {
  readonly month: string
  readonly day: number
  readonly low: number
  readonly median: number
  readonly high: number
}

/** The mean of some minutes, for windows too short for daily figures. */
export interface Moment {
  readonly month: string
  readonly time: Date
  readonly value: number
}

/** All numbers of one report, taken minute by minute. */
export interface Figures {
  readonly cells: readonly Cell[]
  readonly days: readonly DayFigures[]
  readonly moments: readonly Moment[]
  /** Newest first; `aggregate` is the month's exact mean, or its total where the key is money. */
  readonly months: readonly { readonly month: string; readonly aggregate: number }[]
  /** What the colours span. */
  readonly span: Span
}

/** The smallest 5th and the largest 95th percentile of any month; where these are one value and others are rare, the extremes. */
export interface Span {
  readonly low: number
  readonly high: number
  readonly of: 'percentiles' | 'extremes'
}

const mostCells = 20_000
const mostCellsPerDay = 288
const mostMoments = 720
/** Minutes of a cell: they divide a day. */
const cellSizes = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440]

export function figuresOf(key: DataKey, simulation: Simulation, timezone: string): Figures {
  const { range, functions } = simulation
  const grid: Grid = { ...range, step: minute }
  const values = dataOf(key, simulation, grid)
  const thresholds = key === 'cpus_allocated' ? sample(functions.joined, grid) : undefined
  const exceeds = (i: number) => (thresholds ? values[i] > thresholds[i] : values[i] < 0)
  const parts = localDays(range, timezone).map((day) => ({ day, ...indicesOf(day, grid) }))
  const months = groupByMonth(parts)
  const ranges = months.map(({ from, to }) => ascending(values.subarray(from, to))).filter(({ length }) => length > 0)
  return {
    cells: cellsOf(parts, { values, exceeds, grid }),
    days: parts.flatMap((part) => dayFigures(part, values)),
    moments: momentsOf(parts, values, grid),
    months: months.map(({ month, start, end }) => ({ month, aggregate: aggregateOf(key, simulation, { start, end }) })),
    span: spanOf(ranges),
  }
}

function spanOf(months: readonly Float64Array[]): Span {
  const between = (from: number, to: number) => ({
    low: Math.min(...months.map((sorted) => quantile(sorted, from))),
    high: Math.max(...months.map((sorted) => quantile(sorted, to))),
  })
  const [percentiles, extremes] = [between(0.05, 0.95), between(0, 1)]
  const isRare = percentiles.low === percentiles.high && extremes.low < extremes.high
  return isRare ? { ...extremes, of: 'extremes' } : { ...percentiles, of: 'percentiles' }
}

/** A day and the samples that fall on it: indices `from` up to, without, `to`. */
interface Part {
  readonly day: LocalDay
  readonly from: number
  readonly to: number
}

const indicesOf = (day: LocalDay, { start, step }: Grid): { from: number; to: number } => ({
  from: Math.ceil((day.start - start) / step),
  to: Math.ceil((day.end - start) / step),
})

function groupByMonth(parts: readonly Part[]) {
  const months: { month: string; from: number; to: number; start: number; end: number }[] = []
  for (const { day, from, to } of parts) {
    if (months[0]?.month !== day.month) months.unshift({ month: day.month, from, to, start: day.start, end: day.end })
    else Object.assign(months[0], { to, end: day.end })
  }
  return months
}

function aggregateOf(key: DataKey, simulation: Simulation, range: { start: number; end: number }): number {
  const total = integralInHours(functionOf(key, simulation), range)
  return isMoney(key) ? total : total / ((range.end - range.start) / (60 * minute))
}

interface Samples {
  readonly values: Float64Array
  readonly exceeds: (i: number) => boolean
  readonly grid: Grid
}

function cellsOf(parts: readonly Part[], samples: Samples): Cell[] {
  const minutes = Math.max(...parts.map(({ from, to }) => to - from))
  const isSmall = (size: number) => {
    const perDay = Math.ceil(minutes / size)
    return perDay <= mostCellsPerDay && perDay * parts.length <= mostCells
  }
  const size = cellSizes.find(isSmall) ?? 1440
  return parts.flatMap((part) => cellsOfDay(part, samples, size))
}

function cellsOfDay({ day, from, to }: Part, { values, exceeds, grid }: Samples, size: number): Cell[] {
  const cells = new Map<number, { total: number; count: number; exceeds: boolean }>()
  for (let i = from; i < to; i++) {
    const index = Math.floor(day.minuteOf(grid.start + i * grid.step) / size)
    const cell = cells.get(index) ?? { total: 0, count: 0, exceeds: false }
    cells.set(index, cell)
    cell.total += values[i]
    cell.count++
    cell.exceeds ||= exceeds(i)
  }
  return Array.from(cells, ([index, cell]) => ({
    month: day.month,
    day: day.day,
    from: index * size,
    to: (index + 1) * size,
    value: cell.total / cell.count,
    exceeds: cell.exceeds,
  }))
}

function dayFigures({ day, from, to }: Part, values: Float64Array): DayFigures[] {
  if (from === to) return []
  const sorted = ascending(values.subarray(from, to))
  const [low, median, high] = [0.25, 0.5, 0.75].map((p) => quantile(sorted, p))
  return [{ month: day.month, day: day.day, low, median, high }]
}

/** The last value stands once more at the window's end. */
function momentsOf(parts: readonly Part[], values: Float64Array, { start, end, step }: Grid): Moment[] {
  const size = Math.max(1, Math.ceil(values.length / mostMoments))
  const moments = parts.flatMap(({ day, from, to }) => {
    const moments: Moment[] = []
    for (let i = from; i < to; i += size) {
      const some = values.subarray(i, Math.min(i + size, to))
      const value = some.reduce((total, one) => total + one, 0) / some.length
      moments.push({ month: day.month, time: new Date(start + i * step), value })
    }
    return moments
  })
  return [...moments, { ...moments[moments.length - 1], time: new Date(end) }]
}
