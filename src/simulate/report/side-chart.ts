import * as Plot from '@observablehq/plot'
import { minute } from '../../time/range.ts'
import type { DayFigures, Figures, Moment } from './figures.ts'
import { tick } from './format.ts'
import { dayTicks } from './heat-map.ts'
import type { ReportKind } from './kinds.ts'
import { chartOptions, colours, type Layout, mapWidth, type PlotDocument, trend, width } from './theme.ts'

export interface SideChartOptions {
  readonly document: PlotDocument
  readonly layout: Layout
  readonly timezone: string
}

/** Fewer days than this are drawn moment by moment. */
const fewestDays = 3

export const isShort = ({ days }: Figures): boolean => days.length < fewestDays

/** Quartiles and trend of the days of each month; for a window of a day or two the course of the value itself. */
export function sideChart(figures: Figures, kind: ReportKind, options: SideChartOptions) {
  const short = isShort(figures)
  return Plot.plot({
    ...chartOptions(options.document, figures),
    width: width - mapWidth,
    height: options.layout.height,
    marginLeft: 44,
    marginRight: 16,
    ...(short ? momentScales(figures, options) : dayScales(figures, options)),
    marks: [
      Plot.gridY({ stroke: colours.muted, strokeOpacity: 0.15 }),
      Plot.axisY({ label: null, ticks: 4, tickFormat: tick }),
      Plot.text([figures.months[0]], {
        fy: 'month',
        frameAnchor: 'top-left',
        dy: -16,
        fill: colours.muted,
        text: () => kind.axis,
      }),
      ...(short ? momentMarks(figures.moments) : dayMarks(figures.days)),
    ],
  })
}

function dayScales({ days }: Figures, { layout }: SideChartOptions): Plot.PlotOptions {
  return {
    x: {
      domain: [layout.firstDay - 0.5, layout.lastDay + 0.5],
      ticks: dayTicks(layout),
      tickFormat: String,
      label: null,
    },
    y: { domain: valueDomain(days.flatMap(({ low, high }) => [low, high])), nice: true },
  }
}

function momentScales({ moments }: Figures, { timezone }: SideChartOptions): Plot.PlotOptions {
  const isBrief = moments[moments.length - 1].time.getTime() - moments[0].time.getTime() < 4 * minute
  const format = new Intl.DateTimeFormat('en-GB', { timeStyle: isBrief ? 'medium' : 'short', timeZone: timezone })
  return {
    x: { type: 'utc', ticks: isBrief ? 2 : 4, tickFormat: (time: Date) => format.format(time), label: null },
    y: { domain: valueDomain(moments.map(({ value }) => value)), nice: true },
  }
}

/** From 0, or the smallest value where that is negative, to the largest. */
function valueDomain(values: readonly number[]): [number, number] {
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0])
  return low === high ? [0, 1] : [low, high]
}

function dayMarks(days: readonly DayFigures[]): Plot.Markish[] {
  const byMonth = (month: string) => days.filter((one) => one.month === month)
  const drawn = days.filter(({ month }) => byMonth(month).length > 1)
  const single = days.filter(({ month }) => byMonth(month).length === 1)
  return [
    Plot.areaY(drawn, { fy: 'month', x: 'day', y1: 'low', y2: 'high', fill: colours.accent, fillOpacity: 0.2 }),
    Plot.lineY(drawn, { fy: 'month', x: 'day', y: 'median', stroke: colours.accent, strokeWidth: 1.5 }),
    Plot.linearRegressionY(drawn, {
      fy: 'month',
      x: 'day',
      y: 'median',
      ci: 0,
      ...trend,
    }),
    Plot.ruleX(single, {
      fy: 'month',
      x: 'day',
      y1: 'low',
      y2: 'high',
      stroke: colours.accent,
      strokeOpacity: 0.4,
      strokeWidth: 3,
    }),
    Plot.dot(single, { fy: 'month', x: 'day', y: 'median', fill: colours.accent, r: 2.5 }),
  ]
}

const momentMarks = (moments: readonly Moment[]): Plot.Markish[] => [
  Plot.lineY(moments, {
    fy: 'month',
    x: 'time',
    y: 'value',
    stroke: colours.accent,
    curve: 'step-after',
    strokeWidth: 1.5,
  }),
]
