import type { BackfillOptions } from '../backfill/query/options.ts'
import type { Series } from '../metric/series.ts'
import type { Shape, TagChange } from '../metric/shape.ts'
import type { GivenOption } from '../source/options.ts'
import { isCassandraUrl } from '../store/cassandra/url.ts'
import type { Granularity } from '../time/granularity.ts'
import { always, type Range, requireInstants } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { type BackfillFlags, impliedRefresh } from './backfill-flags.ts'
import { type Context, say } from './context.ts'
import { openTarget } from './open-target.ts'
import { parseTimes } from './values.ts'

/** Everything that a backfill is to do, parsed; the source and the store are opened. */
export async function readBackfillOptions(context: Context, flags: BackfillFlags): Promise<BackfillOptions> {
  const [{ openSource }, { callerOf }] = await Promise.all([import('../source/registry.ts'), import('./caller.ts')])
  const metrics = readMetrics(context, flags)
  const shape = await readShape(flags, metrics)
  const granularities = await readGranularities(flags)
  const mean = flags.mean ?? (isCassandraUrl(flags.to ?? '') ? 'blueflood' : 'exact')
  const range = await readRange(context, flags)
  const { env } = context.process
  const effects = { env, stdin: context.stdin, caller: callerOf(flags), now: context.now }
  const from = await openSource(required(flags.from, 'from'), await givenOptions(flags), effects)
  return {
    ...flags,
    from,
    to: await openTarget(context, { ...flags, to: required(flags.to, 'to') }, { granularities, mean }),
    metrics: metrics && [...metrics.keys()],
    shape,
    shapeDescription: describeShape(flags, metrics),
    range,
    granularities,
    mean,
    concurrency: from.concurrency,
    existing: checkExisting(flags),
    onlyMissing: readOnlyMissing(flags),
    refresh: await readRefresh(context, flags),
  }
}

function checkExisting({ yes, existing, to = '' }: BackfillFlags): BackfillFlags['existing'] {
  if (yes) return 'replace'
  if ((existing === 'keep' || existing === 'larger-count') && !to.includes('://'))
    throw usageError(`--existing ${existing} is for databases, and --to ${to} is a lake or a file`)
  return existing
}

function required(value: string | undefined, name: 'from' | 'to'): string {
  if (value) return value
  throw usageError(
    `--${name} is missing`,
    name === 'from' ? 'retrofill sources lists what can be read' : 'name a lake, or a metrics file *.json.gz',
  )
}

/** Options of the source, as names and values. */
export async function givenOptions({ option = [], filter = [] }: BackfillFlags): Promise<GivenOption[]> {
  const { parseGivenOption } = await import('../source/options.ts')
  return [...option.map(parseGivenOption), ...filter.map((text): GivenOption => ['filter', text])]
}

function readOnlyMissing({ onlyMissing, every, refresh }: BackfillFlags): BackfillOptions['onlyMissing'] {
  if (every !== undefined && !onlyMissing) throw usageError('--every is for --only-missing')
  if (onlyMissing && refresh) throw usageError('--only-missing and --refresh are both given')
  return onlyMissing ? { every } : undefined
}

async function readGranularities({ to = '', granularity }: BackfillFlags): Promise<Granularity[]> {
  const { parseGranularity } = await import('../time/granularity.ts')
  const granularities = granularity.split(',').map((name) => parseGranularity(name.trim()))
  const wanted = [...new Set(granularities)].sort((a, b) => a.size - b.size)
  if (wanted.some(({ size }) => size > 1 && size % 300_000 !== 0))
    throw usageError(`invalid --granularity: expected full or multiples of 5m, got ${granularity}`)
  if (/\.json\.gz$|^dynamodb:/.test(to) && granularity !== 'full')
    throw usageError(`${to} holds points, not rollups: expected --granularity full, got ${granularity}`)
  return wanted
}

/** `all`, or two times with a slash between them. */
async function readRefresh(context: Context, { refresh, timezone }: BackfillFlags): Promise<Range | undefined> {
  if (refresh === undefined) return undefined
  if (refresh === impliedRefresh) return always
  const [startTime, endTime, ...more] = refresh.split('/')
  if (endTime === undefined || more.length > 0)
    throw usageError(`invalid --refresh: expected all, or START/END, got ${refresh}`)
  const { start = 0, end = 0 } = await parseTimes({ startTime, endTime, timezone }, context)
  return requireInstants({ start, end })
}

async function readRange(context: Context, flags: BackfillFlags): Promise<Range | undefined> {
  const { start, end } = await parseTimes(flags, context)
  if (start === undefined && end === undefined && flags.srcMetricNames === undefined) return undefined
  // As Clusterman's page has it: from an hour ago until now.
  return { start: start ?? context.now() - 3_600_000, end: end ?? context.now() }
}

/** The metrics by name, with what they are to be called. */
function readMetrics(context: Context, flags: BackfillFlags): Map<string, string | undefined> | undefined {
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
  return pairs.length > 0 ? new Map(pairs) : undefined
}

/** `NAME=NEW`; a text with tags, `name|tag=value`, has no new name. */
function splitMetric(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=')
  const bar = text.indexOf('|')
  if (at < 0 || (bar >= 0 && bar < at)) return [text, undefined]
  if (at === 0 || at === text.length - 1) throw usageError(`invalid --metric: expected NAME or NAME=NEW, got ${text}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function readShape(flags: BackfillFlags, metrics: ReturnType<typeof readMetrics>): Promise<Shape> {
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

const describeShape = ({ tag, label, map, metricType }: BackfillFlags, metrics: ReturnType<typeof readMetrics>) => ({
  rename: metrics && Object.fromEntries([...metrics].filter(([, to]) => to !== undefined)),
  tag,
  label,
  map,
  metricType,
})
