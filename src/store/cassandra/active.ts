import { shardOf } from '../../archive/shards.ts'
import type { RowBatch } from '../../metric/rows.ts'
import { chain, type Granularity, min5, min20 } from '../../time/granularity.ts'
import { day, formatTime, type Time } from '../../time/range.ts'
import { forEach } from '../../util/concurrency.ts'
import { usageError } from '../../util/errors.ts'
import { mostAtOnce } from './flow.ts'
import { locatorOf } from './locators.ts'
import { tableOf } from './schema.ts'
import type { Session } from './session.ts'

/** Blueflood numbers its slots anew every 14 days. */
export const cycle = 14 * day
/** Seconds that Blueflood remembers a delayed locator for. */
const delayedLifetime = 259_200

/** Blueflood's number of the slot of a granularity that holds a time. */
export function slotNumber(granularity: Granularity, time: Time): number {
  const finest = Math.floor((time % cycle) / min5.size)
  return Math.floor((finest * min5.size) / granularity.size)
}

/**
 * Tells Blueflood's rollup service that slots coarser than these rows are to be made again: their state becomes active, and their
 * series are listed as delayed. Throws a usage error where rows are older than slots are numbered.
 */
export async function markActive(
  session: Session,
  { granularity, rows }: { granularity: Granularity; rows: RowBatch },
  signal?: AbortSignal,
): Promise<void> {
  const now = session.clock.now()
  const oldest = rows.time.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  requireRecent(oldest, now)
  const { states, delayed } = collectMarks(granularity, rows)
  const options = { limit: mostAtOnce, signal }
  const { keyspace } = session
  const state = `INSERT INTO ${keyspace}.metrics_state (key, column1, value) VALUES (?, ?, ?)`
  const delay = `INSERT INTO ${keyspace}.metrics_delayed_locator (key, column1, value) VALUES (?, ?, '') USING TTL ${delayedLifetime}`
  await forEach(delayed.values(), options, ({ key, locator }, aborted) =>
    session.write({ table: 'metrics_delayed_locator', key }, [{ cql: delay, values: [key, locator] }], aborted),
  )
  await forEach(states.values(), options, ({ shard, name }, aborted) =>
    session.write({ table: 'metrics_state', key: shard }, [{ cql: state, values: [shard, name, now] }], aborted),
  )
}

/** Refuses to mark slots of times that Blueflood would take for later ones. */
export function requireRecent(oldest: Time, now: Time): void {
  if (oldest < now - cycle)
    throw usageError(
      `--mark-active is for data of the last 14 days, this goes back to ${formatTime(oldest)}`,
      'leave it out, and let retrofill make the coarser levels: --granularity 5m,20m,60m,240m,1440m',
    )
}

function collectMarks(granularity: Granularity, { length, dictionary, series, time }: RowBatch) {
  const coarser = chain.filter(({ size }) => size > granularity.size)
  const locators = dictionary.map(locatorOf)
  const shards = locators.map(shardOf)
  const states = new Map<string, { shard: number; name: string }>()
  const delayed = new Map<string, { key: string; locator: string }>()
  for (let i = 0; i < length; i++) {
    const shard = shards[series[i]]
    const locator = locators[series[i]]
    for (const level of coarser) {
      const name = `${tableOf(level)},${slotNumber(level, time[i])},A`
      states.set(`${shard} ${name}`, { shard, name })
    }
    const key = `${tableOf(min20)},${slotNumber(min20, time[i])},${shard}`
    delayed.set(`${key} ${locator}`, { key, locator })
  }
  return { states, delayed }
}
