import type { EventFormat } from '../simulate/choices.ts'
import type { DataKey } from '../simulate/data.ts'
import type { SimulationEvent } from '../simulate/events.ts'
import type { SeriesFormat } from '../simulate/series-export.ts'
import type { Simulation } from '../simulate/simulation.ts'
import { usageError } from '../util/errors.ts'
import { type Context, print, printPieces, say } from './context.ts'
import type { SimulateFlags } from './simulate-flags.ts'
import { localPath } from './values.ts'
import { writeOutput } from './write-output.ts'

/** What the flags ask for beside the summary, checked before anything is read. */
export interface OutputPlan {
  readonly flags: SimulateFlags
  readonly events: EventFormat | 'none'
  readonly reports: readonly DataKey[]
  readonly timezone: string
  readonly series: SeriesPlan | undefined
}

interface SeriesPlan {
  readonly keys: readonly DataKey[]
  readonly step: number
  readonly file: { readonly name: string; readonly format: SeriesFormat } | undefined
  readonly lake: string | undefined
}

export async function planOutputs(flags: SimulateFlags): Promise<OutputPlan> {
  const [{ dataKeys, parseDataKey }, { checkTimezone }] = await Promise.all([
    import('../simulate/data.ts'),
    import('../time/instant.ts'),
  ])
  const keysOf = (words: readonly string[] = []): DataKey[] =>
    words.flatMap((word) => word.split(',')).map(parseDataKey)
  const { output, events = output === 'json' ? 'none' : 'text', reports = [], timezone = 'UTC' } = flags
  if (output === 'json' && events === 'text')
    throw usageError('invalid --events: text does not go with --output json', 'give --events ndjson or none')
  checkTimezone(timezone)
  const all = reports.length === 1 && reports[0] === 'all'
  const series = keysOf(flags.series)
  return {
    flags,
    events,
    reports: all ? dataKeys : keysOf(reports),
    timezone,
    series: series.length === 0 ? requireNoFile(flags) : await planSeries(flags, series),
  }
}

function requireNoFile({ seriesFile, to }: SimulateFlags): undefined {
  if (seriesFile !== undefined) throw usageError('--series-file needs --series with the data keys to write')
  if (to !== undefined) throw usageError('--to needs --series with the data keys to write')
}

async function planSeries({ seriesFile, to, step }: SimulateFlags, keys: readonly DataKey[]): Promise<SeriesPlan> {
  const [{ parseDuration }, { requireLakeName }] = await Promise.all([
    import('../time/duration.ts'),
    import('../store/open.ts'),
  ])
  const format = (['csv', 'ndjson'] as const).find((extension) => seriesFile?.endsWith(`.${extension}`))
  if (seriesFile === undefined ? to === undefined : !format)
    throw usageError(`invalid --series-file: expected a name that ends in .csv or .ndjson, got ${seriesFile ?? 'none'}`)
  const length = parseDuration(step)
  if (length === 0) throw usageError(`invalid --step: expected a positive length, got ${step}`)
  return {
    keys,
    step: length,
    file: seriesFile !== undefined && format ? { name: seriesFile, format } : undefined,
    lake: to && requireLakeName(localPath('to', to, 'a folder'), 'a folder'),
  }
}

const linesPerPiece = 1_024

/** Prints events as lines. */
export async function printEvents(
  context: Context,
  { events: form }: OutputPlan,
  events: Iterable<SimulationEvent>,
): Promise<void> {
  if (form === 'none') return
  const { eventFormatter } = await import('../simulate/events.ts')
  await printPieces(context, piecesOf(events, eventFormatter(form)))
}

function* piecesOf(events: Iterable<SimulationEvent>, format: (event: SimulationEvent) => string): Generator<string> {
  let lines: string[] = []
  for (const event of events) {
    lines.push(`${format(event)}\n`)
    if (lines.length < linesPerPiece) continue
    yield lines.join('')
    lines = []
  }
  yield lines.join('')
}

/** Prints the summary of a simulation and writes the files that are asked for. */
export async function putOutSimulation(context: Context, plan: OutputPlan, simulation: Simulation): Promise<void> {
  const [{ summarise }, { alignRows, summaryRows }] = await Promise.all([
    import('../simulate/summary.ts'),
    import('../simulate/summary-table.ts'),
  ])
  const summary = summarise(simulation)
  const rows = summaryRows(summary)
  await writeFiles(context, plan, { simulation, table: [['', simulation.name], ...rows] })
  if (plan.flags.output === 'json') printJson(context, plan, { name: simulation.name, ...summary })
  else for (const line of alignRows(rows)) print(context, line)
}

/** Prints the differences of two simulations and writes the files that are asked for, of the two combined. */
export async function putOutComparison(
  context: Context,
  plan: OutputPlan,
  [first, second]: readonly [Simulation, Simulation],
): Promise<void> {
  const [{ compareSimulations }, { alignRows, differenceRows }] = await Promise.all([
    import('../simulate/compare.ts'),
    import('../simulate/summary-table.ts'),
  ])
  const { combined, differences } = compareSimulations(first, second, plan.flags.comparisonOperator)
  for (const note of plan.flags.quiet ? [] : combined.notes) say(context, `note: ${note}`)
  const names = first.name === second.name ? ['first', 'second'] : [first.name, second.name]
  const table = [['', ...names, 'difference', 'ratio'], ...differenceRows(differences)]
  await writeFiles(context, plan, { simulation: combined, table })
  if (plan.flags.output === 'json') printJson(context, plan, { name: combined.name, differences })
  else for (const line of alignRows(table)) print(context, line)
}

/** After events as NDJSON the result is one more line of it. */
const printJson = (context: Context, { events }: OutputPlan, result: unknown): void =>
  print(context, JSON.stringify(result, undefined, events === 'none' ? 2 : undefined))

interface Reported {
  readonly simulation: Simulation
  readonly table: readonly (readonly string[])[]
}

async function writeFiles(context: Context, plan: OutputPlan, reported: Reported): Promise<void> {
  const { flags, series, reports } = plan
  const write = async (file: string, pieces: Iterable<Uint8Array | string>) => {
    await writeOutput(file, pieces)
    if (!flags.quiet) say(context, `wrote ${file}`)
  }
  if (flags.result !== undefined) {
    const { encodeResult } = await import('../simulate/result-file.ts')
    await write(flags.result, encodeResult(reported.simulation))
  }
  if (series?.file) {
    const { exportSeries } = await import('../simulate/series-export.ts')
    const { name, format } = series.file
    await write(name, exportSeries(reported.simulation, { ...series, format }))
  }
  if (series?.lake !== undefined) {
    const { exportToLake } = await import('../simulate/lake-export.ts')
    await exportToLake(series.lake, reported.simulation, {
      ...series,
      takeOver: flags.takeOver,
      signal: context.signal,
    })
    if (!flags.quiet) say(context, `wrote ${series.lake}`)
  }
  if (reports.length > 0) await writeReports(plan, reported, write)
}

async function writeReports(
  { flags, reports, timezone }: OutputPlan,
  { simulation, table }: Reported,
  write: (file: string, pieces: Iterable<Uint8Array | string>) => Promise<void>,
): Promise<void> {
  const { drawReport } = await import('../simulate/report/picture.ts')
  const prefix =
    flags.outputPrefix === '' || flags.outputPrefix.endsWith('/') ? flags.outputPrefix : `${flags.outputPrefix}_`
  if (flags.reportFormat === 'png') {
    const { pngOf } = await import('../simulate/report/png.ts')
    for (const key of reports) await write(`${prefix}${key}.png`, [pngOf(drawReport(key, simulation, timezone))])
    return
  }
  const { pageOf } = await import('../simulate/report/page.ts')
  const pictures = reports.map((key) => drawReport(key, simulation, timezone))
  await write(`${prefix}reports.html`, [pageOf({ simulation, timezone, table, pictures })])
}
