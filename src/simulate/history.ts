import type { PointBatch } from '../metric/points.ts'
import { formatSeries, keyTag, parseSeries, type Series } from '../metric/series.ts'
import type { Source } from '../source/source.ts'
import { always, formatTime, type Time } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { unionOf } from './ascending.ts'
import { alignTo, type Columns, commonTime, duplicateTime, type GrowingColumns, growingColumns } from './columns.ts'
import { formatMarket, type Market, parseMarket } from './market.ts'
import { type ClusterName, identityOf, type MetricKey, metricKeyOf, type SizeMetric } from './metric-key.ts'

/** The price of one market over time, in $/h. `firstId` is the event id of its first point; later points count on. */
export interface PriceSeries extends Columns {
  readonly market: Market
  readonly where: string
  readonly firstId: number
}

/** The size of a cluster over time: at each of `times` the whole state, one list of capacities a market. */
export interface SizeSeries {
  readonly cluster: ClusterName
  readonly metric: SizeMetric
  readonly where: string
  readonly firstId: number
  readonly times: Float64Array
  readonly markets: readonly { readonly market: Market; readonly values: Float64Array }[]
}

/** vCPUs that work was given, over time. */
export interface AllocatedSeries extends Columns {
  readonly cluster: ClusterName
  readonly where: string
}

/** What a simulation replays, in the order of its inputs. */
export interface History {
  /** By market, as `formatMarket` writes it. */
  readonly prices: ReadonlyMap<string, PriceSeries>
  readonly sizes: readonly SizeSeries[]
  readonly allocated: readonly AllocatedSeries[]
}

/** Ids of events before those of points: the begin and the end of the simulation. */
const reservedIds = 2

/**
 * Reads the series that a simulation needs. A metric that several sources have, in whatever spelling, is taken whole from the last of them.
 * @throws a usage error for markets that cannot be, values that are no numbers, times that stand twice in a series or for a market, and
 * states that are empty and not
 */
export async function readHistory(
  sources: readonly Source[],
  options: { signal?: AbortSignal } = {},
): Promise<History> {
  const metrics = new Map<string, Metric>()
  for (const source of sources) {
    for (const metric of await readMetrics(source, options)) metrics.set(identityOf(metric.key), metric)
  }
  return assemble([...metrics.values()])
}

/** A series, or all series of a multi-valued metric, as read. */
interface Metric {
  readonly key: MetricKey
  readonly where: string
  /** By market, as `formatMarket` writes it; `''` for plain numbers, and for points of no market at all. */
  readonly columns: Map<string, GrowingColumns>
}

async function readMetrics(source: Source, options: { signal?: AbortSignal }): Promise<Iterable<Metric>> {
  const metrics = new Map<string, Metric>()
  const columnsOf = columnsByText((text, input) => openColumns(metrics, text, input))
  for await (const batch of source.read({}, always, options)) addPoints(batch, columnsOf(batch))
  return metrics.values()
}

type MaybeColumns = GrowingColumns | undefined

/** The columns of each series of a batch's dictionary; a series that no batch had before is opened. */
function columnsByText(open: (text: string, input: string) => MaybeColumns) {
  const byText = new Map<string, MaybeColumns>()
  let dictionary: readonly string[] = []
  let columns: MaybeColumns[] = []
  return (batch: PointBatch): readonly MaybeColumns[] => {
    if (batch.dictionary !== dictionary) columns = []
    dictionary = batch.dictionary
    for (const text of dictionary.slice(columns.length)) {
      if (!byText.has(text)) byText.set(text, open(text, batch.input))
      columns.push(byText.get(text))
    }
    return columns
  }
}

function openColumns(metrics: Map<string, Metric>, text: string, input: string): MaybeColumns {
  const series = parseSeries(text)
  const name = formatSeries(withoutKey(series))
  const where = `${name} of ${input}`
  const key = metricKeyOf(series, where)
  if (!key) return undefined
  const inner = series.tags.find(([tag]) => tag === keyTag)?.[1]
  checkShape(key, inner, where)
  const metric = metrics.get(name) ?? { key, where, columns: new Map() }
  metrics.set(name, metric)
  const market = inner ? formatMarket(parseMarket(inner, where)) : ''
  const columns = metric.columns.get(market) ?? growingColumns()
  metric.columns.set(market, columns)
  return columns
}

function checkShape(key: MetricKey, inner: string | undefined, where: string): void {
  if (key.kind === 'size' && inner === undefined)
    throw usageError(`invalid capacity: expected numbers by market, got plain numbers in ${where}`)
  if (key.kind !== 'size' && inner !== undefined)
    throw usageError(`invalid value: expected plain numbers, got numbers by key in ${where}`)
}

const withoutKey = ({ name, tags }: Series): Series => ({ name, tags: tags.filter(([tag]) => tag !== keyTag) })

/** Appends the points of a batch series by series: most often they come as one stretch. */
function addPoints(batch: PointBatch, columns: readonly MaybeColumns[]): void {
  const { length, series, time, value } = batch
  for (let from = 0; from < length; ) {
    const to = stretchEnd(batch, from)
    columns[series[from]]?.append({ times: time.subarray(from, to), values: value.subarray(from, to) })
    from = to
  }
}

/** Where equal ids that start at `from` end. */
function stretchEnd({ length, series }: PointBatch, from: number): number {
  let to = from + 1
  while (to < length && series[to] === series[from]) to++
  return to
}

function assemble(metrics: readonly Metric[]): History {
  const prices = new Map<string, PriceSeries>()
  const sizes: SizeSeries[] = []
  const allocated: AllocatedSeries[] = []
  let firstId = reservedIds
  for (const { key, where, columns } of metrics) {
    if (key.kind === 'size') {
      const size = { ...statesOf(columns, where), cluster: key.cluster, metric: key.metric, where, firstId }
      sizes.push(size)
      firstId += size.times.length
      continue
    }
    const [series] = Array.from(columns.values(), (growing) => numbersOf(growing, where))
    if (key.kind === 'allocated') allocated.push({ ...series, cluster: key.cluster, where })
    else {
      prices.set(formatMarket(key.market), { ...series, market: key.market, where, firstId })
      firstId += series.times.length
    }
  }
  return { prices, sizes, allocated }
}

/** The states of a multi-valued metric: a market that a point does not mention is empty from then on. */
function statesOf(columns: ReadonlyMap<string, GrowingColumns>, where: string): Pick<SizeSeries, 'times' | 'markets'> {
  const built = Array.from(columns, ([market, growing]) => {
    const series = growing.build()
    requireOnce(duplicateTime(series), market === '' ? `in ${where}` : `for ${market} in ${where}`)
    return { market, series }
  })
  const empty = built.find(({ market }) => market === '')?.series.times ?? new Float64Array(0)
  const held = built.filter(({ market }) => market !== '')
  const filled = unionOf(held.map(({ series }) => series.times))
  // A state cannot be empty and hold something at once: these are two points.
  requireOnce(commonTime(empty, filled), `in ${where}`)
  const times = unionOf([empty, filled])
  const markets = held.map(({ market, series }) => {
    requireFinite(series, where)
    return { market: parseMarket(market, where), values: alignTo(times, series) }
  })
  return { times, markets }
}

/** The points of a series of plain numbers. */
function numbersOf(growing: GrowingColumns, where: string): Columns {
  const series = growing.build()
  requireOnce(duplicateTime(series), `in ${where}`)
  requireFinite(series, where)
  return series
}

function requireOnce(twice: Time | undefined, place: string): void {
  if (twice !== undefined) throw usageError(`duplicate time: ${formatTime(twice)} stands twice ${place}`)
}

function requireFinite({ times, values }: Columns, where: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw usageError(
        `invalid value: expected a finite number, got ${values[i]} at ${formatTime(times[i])} in ${where}`,
      )
  }
}

/** The span from the first to the last point of all that was read, or undefined without points. */
export function spanOf({ prices, sizes, allocated }: History): { first: Time; last: Time } | undefined {
  const times = [...prices.values(), ...sizes, ...allocated]
    .map((series) => series.times)
    .filter(({ length }) => length > 0)
  if (times.length === 0) return undefined
  // Series may be more than the arguments that a function can have.
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const series of times) {
    first = Math.min(first, series[0])
    last = Math.max(last, series[series.length - 1])
  }
  return { first, last }
}
