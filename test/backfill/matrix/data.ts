import { formatSeries, parseSeries, series } from '../../../src/metric/series.ts'
import { hour, minute } from '../../../src/time/range.ts'
import { type Row, sorted } from '../../support/rows.ts'

export const start = Date.UTC(2026, 0, 1, 8)
export const range = { start, end: start + 2 * hour }
/** Late enough for all to have settled, and early enough for values of a second, which CloudWatch keeps for three hours. */
export const now = () => start + 2.75 * hour
export const times = ['--start-time=2026-01-01T08:00Z', '--end-time=2026-01-01T10:00Z']

/** Tags that become a part of the name where a store knows none, in this order. */
export const nameTags = ['@key', 'AZ', 'inst_type', 'aws_availability_zone', 'aws_instance_type', 'metric']

const markets = [
  { AZ: 'us-west-2a', inst_type: 'c3.xlarge' },
  { AZ: 'us-west-2b', inst_type: 'm4.large' },
]

/** Fractions, milliseconds, negatives, tiny ones, two points in one second, both ends of an hour. */
const cpu: [number, number][] = [
  [0, 0.1],
  [1_000, 1.5],
  [1_999, -7.75],
  [61_123, 1 / 3],
  [hour - 1, 1e-9],
  [hour, -3],
  [90 * minute, 40_000.25],
]
/** Integers, some beyond 2^53. */
const load: [number, bigint][] = [
  [1_000, 2n ** 62n + 1n],
  [17 * minute, 7n],
  [hour + 5_000, -(2n ** 53n + 1n)],
  [2 * hour - 1, -5n],
]

/** Points as a service has them, with dimensions. */
export const serviceRows: Row[] = markets.flatMap((market, m) => [
  ...cpu.map(([at, value]): Row => [formatSeries(series('cpu', market)), start + at, value + m]),
  ...load.map(([at, value]): Row => [formatSeries(series('load', market)), start + at, value]),
])

/** The same points as a store of Clusterman's has them, with keys of multi-valued metrics, and a metric that has none. */
export const storeRows: Row[] = [
  ...serviceRows.map(([text, ...rest]): Row => [typed(text), ...rest]),
  ['plain|@type=metadata', start + 10 * minute, -0.5],
  ['plain|@type=metadata', start + 20 * minute, 12.25],
]

/** The same points of Blueflood's: names without tags. */
export const nameRows: Row[] = storeRows.map(([text, ...rest]): Row => [named(text), ...rest])

/** What a series is called where keys and metric types are: dimensions of a market become a key. */
export function typed(text: string): string {
  const { name, tags } = parseSeries(text)
  const { AZ, inst_type, ...others }: Record<string, string> = Object.fromEntries(tags)
  const key = AZ === undefined ? others : { ...others, '@key': `<${inst_type}, ${AZ}>` }
  return formatSeries(series(name, { ...key, '@type': 'metadata' }))
}

export function named(text: string, prefix = ''): string {
  const { name, tags } = parseSeries(text)
  const found = new Map(tags)
  return formatSeries(series(`${prefix}${name}${nameTags.map((tag) => found.get(tag) ?? '').join('')}`))
}

/** One value for each series and slot of so many ms, made of all that it has there in order of time. */
export function perSlot(rows: readonly Row[], size: number, choose: (values: readonly number[]) => number): Row[] {
  const slots = new Map<string, { row: Row; values: number[] }>()
  for (const [text, time, value] of sorted(rows)) {
    const at = Math.floor(time / size) * size
    const slot = slots.get(`${text} ${at}`) ?? { row: [text, at, 0], values: [] }
    slots.set(`${text} ${at}`, slot)
    slot.values.push(Number(value))
  }
  return [...slots.values()].map(({ row: [text, time], values }) => [text, time, choose(values)])
}

/** In order, with integers beyond 2^53 as BigInts, whatever their kind, and all else as numbers. */
export const plain = (rows: readonly Row[]): Row[] =>
  sorted(rows).map(([text, time, value]) => [
    text,
    time,
    Number.isSafeInteger(Number(value)) ? Number(value) : wide(value),
  ])

const wide = (value: number | bigint) => (typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value)

export const ndjson = (rows: readonly Row[]): string =>
  rows.map(([text, time, value]) => `{"series":${JSON.stringify(text)},"time":${time},"value":${value}}`).join('\n')
