import { parseHTML } from 'linkedom'
import { formatTime } from '../../time/range.ts'
import type { DataKey } from '../data.ts'
import { formatCluster } from '../metric-key.ts'
import type { Simulation } from '../simulation.ts'
import { monthName } from './calendar.ts'
import { type Figures, figuresOf } from './figures.ts'
import { heatMap } from './heat-map.ts'
import { reportKinds } from './kinds.ts'
import { legend } from './legend.ts'
import { sideChart } from './side-chart.ts'
import { colours, fontFamily, layoutOf, mapWidth, width } from './theme.ts'

const headHeight = 58
const legendHeight = 44

/** One report as an SVG document. The same simulation gives the same text. */
export function drawReport(key: DataKey, simulation: Simulation, timezone: string): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const kind = reportKinds[key]
  const figures = figuresOf(key, simulation, timezone)
  const layout = layoutOf(figures)
  const height = headHeight + layout.height + legendHeight
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${fontFamily}" role="img" aria-label="${escapeXml(kind.title)}">`,
    `<text x="16" y="24" font-size="17" font-weight="600">${escapeXml(`${kind.title} ${monthsOf(figures)}`)}</text>`,
    `<text x="16" y="44" font-size="12" fill="${colours.muted}">${escapeXml(subtitle(simulation, timezone))}</text>`,
    placed(heatMap(figures, kind, { document, layout }), { x: 0, y: headHeight }),
    placed(sideChart(figures, kind, { document, layout, timezone }), { x: mapWidth, y: headHeight }),
    placed(legend(figures, kind, document), { x: 0, y: headHeight + layout.height }),
    '</svg>',
  ].join('')
}

const monthsOf = ({ months }: Figures): string => {
  const [newest, oldest] = [months[0], months[months.length - 1]].map(({ month }) => monthName(month))
  return newest === oldest ? `for ${newest}` : `from ${oldest} to ${newest}`
}

function subtitle({ name, cluster, range }: Simulation, timezone: string): string {
  const parts = [
    name,
    cluster && formatCluster(cluster),
    `${formatTime(range.start)} to ${formatTime(range.end)}`,
    `times in ${timezone}`,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** A chart inside the picture. Coordinates are rounded: a hundredth of a pixel is not seen but takes half of the file. */
function placed(chart: { readonly outerHTML: string }, { x, y }: { x: number; y: number }): string {
  return chart.outerHTML
    .replace('<svg ', `<svg x="${x}" y="${y}" `)
    .replace(/ (x|y|width|height|d|transform|x1|x2|y1|y2|r|cx|cy)="[^"]*"/g, (attribute) =>
      attribute.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
    )
}

/** Text that may stand between tags and in attributes. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
