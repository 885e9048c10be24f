import { formatTime } from '../../time/range.ts'
import { formatCluster } from '../metric-key.ts'
import type { Simulation } from '../simulation.ts'
import { escapeXml } from './picture.ts'

const style = `
body { margin: 2rem auto; max-width: 1120px; padding: 0 1rem; font: 14px/1.5 Inter, system-ui, sans-serif; color: #18181b; background: white; }
h1 { font-size: 1.5rem; margin: 0; }
p { color: #63636b; margin: 0.25rem 0 1.5rem; }
table { border-collapse: collapse; margin-bottom: 2rem; }
td, th { padding: 0.15rem 1.5rem 0.15rem 0; text-align: right; font-variant-numeric: tabular-nums; font-weight: 400; }
td:first-child, th:first-child { text-align: left; }
th { color: #63636b; }
figure { margin: 0 0 2.5rem; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
`

export interface Page {
  readonly simulation: Simulation
  readonly timezone: string
  /** Rows of the table on top, the first one its head. */
  readonly table: readonly (readonly string[])[]
  /** SVG documents. */
  readonly pictures: readonly string[]
}

/** All reports of a simulation as one HTML page that needs no other file. */
export function pageOf({ simulation, timezone, table, pictures }: Page): string {
  const { name, cluster, range, notes } = simulation
  const [head, ...rows] = table.map((cells) => cells.map(escapeXml))
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(name)}</title>
<style>${style}</style>
<h1>${escapeXml(name)}</h1>
<p>${[
    cluster && formatCluster(cluster),
    `${formatTime(range.start)} to ${formatTime(range.end)}`,
    `times in ${timezone}`,
  ]
    .filter((part) => part !== undefined)
    .map(escapeXml)
    .join(' · ')}${notes.map((note) => `<br>${escapeXml(note)}`).join('')}</p>
<table>
<tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>
${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')}
</table>
${pictures.map((picture) => `<figure>${picture}</figure>`).join('\n')}
</html>
`
}
