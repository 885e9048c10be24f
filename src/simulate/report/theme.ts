import type * as Plot from '@observablehq/plot'
import type { Figures } from './figures.ts'

/** The DOM that a chart is drawn into. */
export type PlotDocument = NonNullable<Plot.PlotOptions['document']>

export const fontFamily = 'Inter, system-ui, sans-serif'
export const colours = { alarm: '#e4002b', ground: '#eeeef1', muted: '#63636b', accent: '#7e03a8' } as const

/** How a best-fit line is drawn. */
export const trend = { stroke: 'black', strokeDasharray: '1 3', strokeLinecap: 'round' } as const

/** Every picture is this wide. */
export const width = 1_120
export const mapWidth = 820

const dayHeight = 5
const shortestRow = 110
const rowGap = 34

/** What the charts of a picture share: a row for each month, newest on top, days upward. */
export interface Layout {
  readonly height: number
  readonly firstDay: number
  readonly lastDay: number
}

export function layoutOf({ days, months }: Figures): Layout {
  const numbers = days.map(({ day }) => day)
  const isOneMonth = months.length === 1
  const firstDay = isOneMonth ? Math.min(...numbers) : 1
  const lastDay = isOneMonth ? Math.max(...numbers) : 31
  const row = Math.max((lastDay - firstDay + 1) * dayHeight, shortestRow) + rowGap
  return { height: months.length * row + 30, firstDay, lastDay }
}

/** Options that every chart begins with. */
export const chartOptions = (document: PlotDocument, { months }: Figures) =>
  ({
    document,
    style: { fontFamily, fontSize: '11px', overflow: 'visible' },
    marginTop: 26,
    marginBottom: 28,
    fy: { domain: months.map(({ month }) => month), padding: 0.14, axis: null },
  }) satisfies Plot.PlotOptions
