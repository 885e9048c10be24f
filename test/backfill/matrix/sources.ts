import { join } from 'node:path'
import { parseSeries } from '../../../src/metric/series.ts'
import { full } from '../../../src/time/granularity.ts'
import { minute, second } from '../../../src/time/range.ts'
import { type FakeMetric, startFakeCloudWatch } from '../../fakes/cloudwatch.ts'
import { startFakeEc2 } from '../../fakes/ec2.ts'
import { startSignalFlow } from '../../fakes/signalflow.ts'
import { valueHex } from '../../store/cassandra/literal.ts'
import type { Bystander } from '../../store/cassandra/support.ts'
import { runHere } from '../../support/command.ts'
import type { Row } from '../../support/rows.ts'
import { nameRows, ndjson, now, perSlot, serviceRows, start, storeRows } from './data.ts'

export interface MatrixSource {
  readonly name: string
  /** `--from` and options of it. */
  readonly from: readonly string[]
  readonly stdin?: string
  /** Whether a range begins with the value that is in effect at its start. */
  readonly carries?: boolean
  /** What can be told beforehand of how many points it has; absent where that is exact, or a bound. */
  readonly counted?: 'never' | 'roughly'
  /** What it gives, under the names that it has for it. */
  readonly rows: readonly Row[]
  stop?(): Promise<void>
}

/** Every secret that sources and stores are given has this in it. */
export const secret = 'geheim7Xq'

export const token = `${secret}-signalfx`

/** Rows as a service keeps them: one entry for each series, with its dimensions. */
export function bySeries(rows: readonly Row[]) {
  const found = new Map<string, [number, number][]>()
  for (const [text, time, value] of rows) {
    const points = found.get(text) ?? []
    found.set(text, points)
    points.push([time, Number(value)])
  }
  return [...found].map(([text, points]) => {
    const { name, tags } = parseSeries(text)
    return { metric: name, dimensions: Object.fromEntries(tags), points }
  })
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

export interface ServiceData {
  readonly rows: readonly Row[]
  /** Ms of a slot, where the service keeps one value for each. */
  readonly slot: number
  now(): number
}

export const mixed: ServiceData = { rows: serviceRows, slot: second, now }

export async function signalFx({ rows, slot }: ServiceData): Promise<MatrixSource> {
  const server = await startSignalFlow({ token, series: bySeries(rows) })
  return {
    name: 'signalfx',
    counted: 'roughly',
    from: ['signalfx', '-o', `endpoint=${server.url}`, `resolution=${slot / second}`, 'aggregate=none'],
    rows: perSlot(rows, slot, average),
    stop: server.stop,
  }
}

export const namespace = 'Matrix'

export const cloudWatchMetrics = (rows: readonly Row[]): FakeMetric[] =>
  bySeries(rows).map(({ metric, ...rest }) => ({ namespace, name: metric, ...rest }))

export async function cloudWatch({ rows, slot, now: time }: ServiceData): Promise<MatrixSource> {
  const server = await startFakeCloudWatch({ metrics: cloudWatchMetrics(rows), now: time })
  const options = [`endpoint=${server.url}`, `namespace=${namespace}`, `period=${slot / second}`, 'statistic=Maximum']
  return {
    name: 'cloudwatch',
    from: ['cloudwatch', '-o', ...options],
    rows: perSlot(rows, slot, (values) => Math.max(...values)),
    stop: server.stop,
  }
}

export async function spotPrices(): Promise<MatrixSource> {
  const [type, zone, product] = ['c3.xlarge', 'us-west-2a', 'Linux/UNIX']
  const prices: [number, number][] = [
    [-minute, 0.25],
    [1_000, 0.0345],
    [1_999, 0.035],
    [90 * minute, 0.1],
  ]
  const server = await startFakeEc2(
    prices.map(([at, price]) => ({ type, zone, product, time: start + at, price: price.toFixed(6) })),
  )
  const text = `spot_prices|aws_availability_zone=${zone},aws_instance_type=${type}`
  return {
    name: 'spot-prices',
    from: ['spot-prices', '-o', `endpoint=${server.url}`],
    carries: true,
    counted: 'never',
    rows: prices.map(([at, price]) => [text, start + Math.max(at, 0), price]),
    stop: server.stop,
  }
}

const json = { 'Content-Type': 'application/json' }

/** Puts rows into an index: a field for each metric, of integers where its values are. */
export async function fillIndex(url: string, index: string, rows: readonly Row[]): Promise<void> {
  const types = new Map(rows.map(([text, , value]) => [parseSeries(text).name, typeof value === 'bigint']))
  const tags = new Set(rows.flatMap(([text]) => parseSeries(text).tags.map(([tag]) => tag)))
  const properties = {
    '@timestamp': { type: 'date' },
    ...Object.fromEntries([...tags].map((tag) => [tag, { type: 'keyword' }])),
    ...Object.fromEntries([...types].map(([metric, isInteger]) => [metric, { type: isInteger ? 'long' : 'double' }])),
  }
  const settings = { number_of_shards: 2, number_of_replicas: 0 }
  await requireOk(url, index, JSON.stringify({ settings, mappings: { properties } }))
  const lines = rows.map(([text, time, value]) => {
    const { name, tags: pairs } = parseSeries(text)
    const fields = pairs.map(([tag, one]) => `${JSON.stringify(tag)}:${JSON.stringify(one)},`).join('')
    return `{"index":{}}\n{"@timestamp":${time},${fields}${JSON.stringify(name)}:${value}}\n`
  })
  for (let at = 0; at < lines.length; at += 5_000)
    await requireOk(url, `${index}/_bulk?refresh=true`, lines.slice(at, at + 5_000).join(''))
}

async function requireOk(url: string, path: string, body: string): Promise<void> {
  const method = path.includes('_bulk') ? 'POST' : 'PUT'
  const answer = await fetch(`${url}/${path}`, { method, headers: json, body })
  const text = await answer.text()
  if (!answer.ok || text.includes('"errors":true')) throw new Error(text)
}

let indices = 0

export async function search(product: string, url: string, { rows }: ServiceData): Promise<MatrixSource> {
  const index = `matrix${indices++}`
  await fillIndex(url, index, rows)
  const by = parseSeries(rows[0][0]).tags.map(([tag]) => tag)
  // Neither asks for one.
  const login = product === 'OpenSearch' ? ['username=me', `password=${secret}-search`] : [`api_key=${secret}-search`]
  const options = [`node=${url}`, `index=${index}`, 'raw=true', `by=${by.join(',')}`, ...login]
  return { name: product, from: ['elasticsearch', '-o', ...options], rows }
}

export const standardInput: MatrixSource = {
  name: 'NDJSON',
  counted: 'never',
  from: ['-'],
  stdin: ndjson(storeRows),
  rows: storeRows,
}

/** A store that is filled from standard input, as a source. */
async function filled(
  name: string,
  location: string,
  { flags = [], ...options }: { flags?: string[]; rows: Row[]; env?: Record<string, string> },
): Promise<MatrixSource> {
  const argv = ['backfill', '--from=-', '--to', location, '--allow-lossy', '--quiet', ...flags]
  const { code, stderr } = await runHere(argv, { ...options, stdin: ndjson(storeRows) })
  if (code !== 0) throw new Error(stderr)
  return { name, from: [location], rows: options.rows }
}

const asDoubles = storeRows.map(([text, time, value]): Row => [text, time, Number(value)])

export const metricsFile = (root: string) => filled('a metrics file', join(root, 'source.json.gz'), { rows: asDoubles })

export const lake = (root: string) => filled('a lake', join(root, 'source'), { rows: storeRows })

export function dynamo(url: string, root: string, env: Record<string, string>): Promise<MatrixSource> {
  const last = new Map(storeRows.map(([text, time, value]) => [`${text} ${Math.floor(time / second)}`, value]))
  const rows = [...last].map(([key, value]): Row => {
    const at = key.lastIndexOf(' ')
    return [key.slice(0, at), Number(key.slice(at + 1)) * second, value]
  })
  const flags = ['--create-tables', `--state-dir=${join(root, 'dynamo-source')}`]
  return filled('DynamoDB', `dynamodb://us-west-2/source_?endpoint=${url}`, { rows, flags, env })
}

export async function cassandra(url: string, other: Bystander): Promise<MatrixSource> {
  const keyspace = await other.newKeyspace('full')
  const names = nameRows.map(([text, time, value]) => {
    const { name } = parseSeries(text)
    return [`${name.replaceAll(' ', '')} ${time}`, valueHex(value, typeof value === 'bigint' ? 'l' : 'n')] as const
  })
  await other.put(full, keyspace, Object.fromEntries(names))
  const rows = nameRows.map(([text, ...rest]): Row => [text.replaceAll(' ', ''), ...rest])
  return { name: 'Cassandra', from: [`${url}/${keyspace}`], rows }
}
