import * as Plot from '@observablehq/plot'
import { monthName } from './calendar.ts'
import type { Cell, Figures } from './figures.ts'
import type { ReportKind } from './kinds.ts'
import { chartOptions, colours, type Layout, mapWidth, type PlotDocument } from './theme.ts'

const rectangle = {
  fy: 'month',
  x1: 'from',
  x2: 'to',
  y1: ({ day }: Cell) => day - 0.5,
  y2: ({ day }: Cell) => day + 0.5,
  // Without it a seam shows between neighbours.
  shapeRendering: 'crispEdges',
} as const

/** Time of day by day: each cell in the colour of its mean, in an alarming one where it exceeds the threshold. */
export function heatMap(
  figures: Figures,
  kind: ReportKind,
  { document, layout }: { document: PlotDocument; layout: Layout },
) {
  const { cells, months, span } = figures
  const clockRange = clockDomain(cells)
  return Plot.plot({
    ...chartOptions(document, figures),
    width: mapWidth,
    height: layout.height,
    marginLeft: 48,
    marginRight: 24,
    x: { domain: clockRange, ticks: clockTicks(clockRange), tickFormat: clock, label: null },
    y: {
      domain: [layout.firstDay - 0.5, layout.lastDay + 0.5],
      ticks: dayTicks(layout),
      tickFormat: String,
      label: null,
    },
    color: { type: 'linear', scheme: 'plasma', domain: [span.low, span.high], clamp: true },
    marks: [
      Plot.frame({ fill: colours.ground, stroke: null }),
      Plot.rect(cells, { ...rectangle, fill: 'value' }),
      Plot.rect(cells, { ...rectangle, filter: 'exceeds', fill: colours.alarm }),
      Plot.text(months, {
        fy: 'month',
        frameAnchor: 'top-left',
        dy: -16,
        fontWeight: 600,
        text: ({ month, aggregate }) => `${monthName(month)}: ${kind.aggregate} ${kind.formatAggregate(aggregate)}`,
      }),
    ],
  })
}

/** The whole day, or the minutes of a window that lies inside one. */
function clockDomain(cells: readonly Cell[]): [number, number] {
  const isOneDay = cells.every(({ month, day }) => month === cells[0].month && day === cells[0].day)
  if (!isOneDay) return [0, 1440]
  return [Math.min(...cells.map(({ from }) => from)), Math.max(...cells.map(({ to }) => to))]
}

function clockTicks([from, to]: readonly [number, number]): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 180].find((minutes) => (to - from) / minutes <= 8) ?? 180
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step)
}

/** `14:30` for minute 870. */
const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')

export function dayTicks({ firstDay, lastDay }: Layout): number[] {
  const step = [1, 2, 5].find((days) => (lastDay - firstDay + 1) / days <= 8) ?? 5
  return Array.from({ length: lastDay - firstDay + 1 }, (_, i) => firstDay + i).filter(
    (day) => step === 1 || day === 1 || day % step === 0,
  )
}
