import { createHash } from 'node:crypto'
import { formatTime, second, type Time } from '../../time/range.ts'
import { UserError } from '../../util/errors.ts'
import type { Item } from './connection.ts'
import { isReserved, type MetricAddress } from './layout.ts'

/**
 * What an item holds, as decimals: one of no key, or any number by key. An empty mapping is the empty key without a decimal, as series
 * have it.
 */
export type Cells = Map<string | undefined, string>

/** Stands for the number of an empty mapping. */
export const nothing = ''

/** When items are to expire: never; so many days after now, or after their own time. */
export interface Expiry {
  readonly mode: 'full' | 'remaining' | 'none'
  readonly days: number
}

const secondsPerDay = 86_400

/** Writes cells at a time as the item that DynamoDB keeps. */
export function toItem(
  metric: MetricAddress,
  time: Time,
  { cells, expires }: { cells: Cells; expires?: number },
): Item {
  const timestamp = String(time / second)
  const item: Item = { key: { S: metric.key }, timestamp: { N: timestamp } }
  if (expires !== undefined) item.expiration_timestamp = { N: String(expires) }
  if (metric.app !== undefined) {
    item.gsi_partition = { N: String(partitionOf(metric.key, timestamp)) }
    item.app_timestamp = { S: `${metric.app},${timestamp}` }
  }
  if (cells.has(undefined) && cells.size > 1)
    throw new UserError(`${metric.key} has a number and keys at ${formatTime(time)}: DynamoDB holds one or the other`)
  for (const [key, decimal] of cells) if (decimal !== nothing) item[key ?? 'value'] = { N: decimal }
  return item
}

/** Seconds since the epoch at which an item of that time, written now, expires. */
export function expiryOf({ mode, days }: Expiry, time: Time, now: Time): number | undefined {
  if (mode === 'none') return undefined
  return Math.floor((mode === 'full' ? now : time) / second) + Math.round(days * secondsPerDay)
}

/** One of ten, spread evenly; Clusterman draws it, but the same item is to be the same whenever it is written. */
const partitionOf = (key: string, timestamp: string): number =>
  createHash('md5').update(`${key} ${timestamp}`).digest().readUInt32LE() % 10

export const timeOf = (item: Item): Time => Number(item.timestamp?.N) * second

/** What an item holds; texts count where they are numbers, as Clusterman's spot prices are. */
export function cellsOf(item: Item): Cells {
  if (item.value) return new Map([[undefined, decimalOf(item, 'value')]])
  const keys = Object.keys(item).filter((name) => !isReserved(name))
  if (keys.length === 0) return new Map([['', nothing]])
  return new Map(keys.map((key) => [key, decimalOf(item, key)]))
}

function decimalOf(item: Item, name: string): string {
  const text = item[name].N ?? item[name].S ?? ''
  if (text.trim() !== '' && Number.isFinite(Number(text))) return text
  throw new UserError(
    `not a number: ${name} of ${item.key?.S} at ${formatTime(timeOf(item))} is ${JSON.stringify(item[name])}`,
  )
}
