import * as Plot from '@observablehq/plot'
import type { Figures } from './figures.ts'
import type { ReportKind } from './kinds.ts'
import { isShort } from './side-chart.ts'
import { colours, fontFamily, type PlotDocument, trend, width } from './theme.ts'

const steps = 64
/** Where the parts stand, in units of the picture's width. */
const ramp = { from: 48, to: 408 }
const alarmAt = 448
const sideAt = { median: 596, band: 700, trend: 870 }

/**
 * The colours of the heat-map and what they span, what the alarming one means where it occurs, and the lines of
 * the daily chart where there is one.
 */
export function legend(figures: Figures, kind: ReportKind, document: PlotDocument) {
  const { span, cells } = figures
  const [min, max] = span.of === 'percentiles' ? ['min (p5)', 'max (p95)'] : ['min', 'max']
  const below = { y: 0, dy: 10 }
  return Plot.plot({
    document,
    style: { fontFamily, fontSize: '11px', overflow: 'visible' },
    width,
    height: 34,
    margin: 0,
    marginBottom: 22,
    x: { domain: [0, width], axis: null },
    y: { domain: [0, 1], axis: null },
    color: { type: 'linear', scheme: 'plasma', domain: [0, 1] },
    marks: [
      Plot.rect(rampSteps(), { x1: 'from', x2: 'to', y1: 0, y2: 1, fill: 'share', shapeRendering: 'crispEdges' }),
      words(`${min}: ${kind.format(span.low)}`, { ...below, x: ramp.from }),
      words(`${max}: ${kind.format(span.high)}`, { ...below, x: ramp.to, textAnchor: 'end' }),
      ...(cells.some((cell) => cell.exceeds) ? alarmKey() : []),
      ...(isShort(figures) ? [] : dailyKeys()),
    ],
  })
}

const rampSteps = () =>
  Array.from({ length: steps }, (_, i) => ({
    from: ramp.from + ((ramp.to - ramp.from) * i) / steps,
    to: ramp.from + ((ramp.to - ramp.from) * (i + 1)) / steps,
    share: i / (steps - 1),
  }))

const words = (text: string, options: Plot.TextOptions): Plot.Markish =>
  Plot.text([text], { y: 0.5, textAnchor: 'start', text: String, ...options })

const alarmKey = (): Plot.Markish[] => [
  Plot.rect([0], { x1: alarmAt, x2: alarmAt + 12, y1: 0, y2: 1, fill: colours.alarm }),
  words('exceeds threshold', { x: alarmAt + 18 }),
]

const dailyKeys = (): Plot.Markish[] => [
  line(sideAt.median, { stroke: colours.accent, strokeWidth: 1.5 }),
  words('daily median', { x: sideAt.median + 26 }),
  Plot.rect([0], { x1: sideAt.band, x2: sideAt.band + 20, y1: 0, y2: 1, fill: colours.accent, fillOpacity: 0.2 }),
  words('25th to 75th percentile', { x: sideAt.band + 26 }),
  line(sideAt.trend, trend),
  words('best fit', { x: sideAt.trend + 26 }),
]

const line = (x: number, options: Plot.LineOptions): Plot.Markish =>
  Plot.line(
    [
      [x, 0.5],
      [x + 20, 0.5],
    ],
    options,
  )
