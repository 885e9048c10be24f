import type { BackfillOptions } from '../backfill/query/options.ts'
import type { Series } from '../metric/series.ts'
import type { Shape, TagChange } from '../metric/shape.ts'
import type { GivenOption } from '../source/options.ts'
import type { OpenedSource } from '../source/registry.ts'
import { hour, type Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { callerOf } from './caller.ts'
import { type Context, say } from './context.ts'
import type { ShapeFlags, SourceFlags } from './source-flags.ts'
import { parseTimes, type TimeFlags } from './time-flags.ts'

/** Opens what `--from` names, with the options that are given for it. */
export async function openFrom(
  context: Context,
  flags: SourceFlags & { readonly from: string; readonly retries: number },
): Promise<OpenedSource> {
  const { openSource } = await import('../source/registry.ts')
  const { env } = context.process
  const effects = { env, stdin: context.stdin, caller: callerOf(flags), now: context.now }
  return openSource(flags.from, await givenOptions(flags), effects)
}

/** Options of the source, as names and values. */
async function givenOptions({ option = [], filter = [], acceptCoarser, dedupe }: SourceFlags): Promise<GivenOption[]> {
  const { parseGivenOption } = await import('../source/options.ts')
  return [
    ...option.map(parseGivenOption),
    ...filter.map((text): GivenOption => ['filter', text]),
    ...(acceptCoarser ? [['accept_coarser', 'true'] as const] : []),
    ...(dedupe ? [['dedupe', 'true'] as const] : []),
  ]
}

/** The range that is asked for; undefined where none is. */
export async function readRange(context: Context, flags: TimeFlags & SourceFlags): Promise<Range | undefined> {
  const { start, end } = await parseTimes(flags, context)
  if (start === undefined && end === undefined && flags.srcMetricNames === undefined) return undefined
  // As Clusterman's page has it: from an hour ago until now.
  return { start: start ?? context.now() - hour, end: end ?? context.now() }
}

/** The metrics by name, with what they are to be called; undefined where all are meant. */
type MetricNames = ReadonlyMap<string, string | undefined> | undefined

/** Which metrics are read, and what becomes of them. */
export async function readShaping(
  context: Context,
  flags: SourceFlags & ShapeFlags,
): Promise<Pick<BackfillOptions, 'metrics' | 'shape' | 'shapeDescription'>> {
  const names = readMetrics(context, flags)
  const shape = await readShape(flags, names)
  return { metrics: names && [...names.keys()], shape, shapeDescription: describeShape(flags, names) }
}

function readMetrics(context: Context, flags: SourceFlags): MetricNames {
  const { metric = [], srcMetricNames: sources = [], destMetricNames: targets = [] } = flags
  if (targets.length > 0 && targets.length !== sources.length)
    throw usageError(
      `different numbers of source and destination metrics: ${sources.join(' ')} and ${targets.join(' ')}`,
    )
  if (sources.length > 0)
    say(
      context,
      `note: --src-metric-names is understood as --metric ${sources.map((name, i) => (targets[i] ? `${name}=${targets[i]}` : name)).join(' ')}`,
    )
  const pairs = [...metric.map(splitMetric), ...sources.map((name, i) => [name, targets[i]] as const)]
  const names = new Map(pairs)
  const twice = pairs.find(([name, to]) => names.get(name) !== to)
  if (twice)
    throw usageError(
      `metric ${twice[0]} is given twice, as ${twice[1] ?? twice[0]} and as ${names.get(twice[0]) ?? twice[0]}`,
      'run the command once for each new name',
    )
  return pairs.length > 0 ? names : undefined
}

/** `NAME=NEW`; a text with tags, `name|tag=value`, has no new name. */
function splitMetric(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  const bar = text.indexOf('|')
  if (at < 0 || (bar >= 0 && bar < at)) return [text, undefined]
  if (at === 0 || at === text.length - 1) throw usageError(`invalid --metric: expected NAME or NAME=NEW, got ${text}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function readShape(flags: ShapeFlags, metrics: MetricNames): Promise<Shape> {
  const { parseSeries } = await import('../metric/series.ts')
  const rename = new Map<string, Series>()
  for (const [name, to] of metrics ?? []) if (to !== undefined) rename.set(name, parseSeries(to))
  const { label, metricType } = flags
  return { rename, tags: (flags.tag ?? []).map(readTagChange), label, metricType, map: await readMap(flags.map) }
}

async function readMap(text: string | undefined): Promise<Shape['map']> {
  if (text === undefined) return undefined
  const { compileExpression } = await import('../util/expression.ts')
  const expression = await compileExpression(text, ['x'])
  return (x) => expression({ x })
}

function readTagChange(text: string): TagChange {
  const [, drop] = /^drop:(.+)$/s.exec(text) ?? []
  if (drop !== undefined) return { kind: 'drop', tag: drop }
  const [, from, to] = /^rename:([^=]+)=(.+)$/s.exec(text) ?? []
  if (to !== undefined) return { kind: 'rename', tag: from, to }
  const [, tag, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (value !== undefined) return { kind: 'set', tag, value }
  throw usageError(`invalid --tag: expected name=value, drop:name or rename:old=new, got ${text}`)
}

const describeShape = ({ tag, label, map, metricType }: ShapeFlags, metrics: MetricNames) => ({
  rename: metrics && Object.fromEntries([...metrics].filter(([, to]) => to !== undefined)),
  tag,
  label,
  map,
  metricType,
})
