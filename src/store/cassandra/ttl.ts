import { full, type Granularity, min5, min20, min60, min240, min1440 } from '../../time/granularity.ts'
import { day, hour, type Time } from '../../time/range.ts'
import { usageError } from '../../util/errors.ts'

/**
 * How long rows live: `full` as long as Blueflood's own from the time of writing, `remaining` what would be left of that from the time
 * of the data, `none` for ever, or so many days from the time of writing.
 */
export type TtlMode = 'full' | 'remaining' | 'none' | { readonly days: number }

/** Days that rows of each granularity live, other than Blueflood's defaults; 0 is for ever. */
export type LifetimeDays = Readonly<Partial<Record<string, number>>>

const defaults: Readonly<Record<string, number>> = {
  [full.name]: 5,
  [min5.name]: 10,
  [min20.name]: 20,
  [min60.name]: 155,
  [min240.name]: 300,
  [min1440.name]: 1_825,
}

/** What Cassandra takes at most: 20 years. */
const mostDays = 7_300

/** Reads `full`, `remaining`, `none` or a number of days. */
export function parseTtl(text: string): TtlMode {
  if (text === 'full' || text === 'remaining' || text === 'none') return text
  const days = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && days > 0 && days <= mostDays) return { days }
  throw usageError(`invalid --ttl: expected full, remaining, none or days up to ${mostDays}, got ${text}`)
}

/** Reads days by level: `5m=10,60m=155`; nothing is given where the text is absent. */
export function parseLifetimes(text: string | undefined): LifetimeDays {
  const parts = text?.split(',') ?? []
  return Object.fromEntries(
    parts.map((part) => {
      const [, level, digits] = /^\s*(\w+)=(\d+)\s*$/.exec(part) ?? []
      if (defaults[level] === undefined || Number(digits) > mostDays)
        throw usageError(`invalid --ttl-days: expected such as 5m=10,60m=155, at most ${mostDays} days, got ${text}`)
      return [level, Number(digits)]
    }),
  )
}

export const formatTtl = (mode: TtlMode): string => (typeof mode === 'string' ? mode : `${mode.days} days`)

/** How long rows of a granularity live. */
export interface Lifetime {
  /** Seconds, as Cassandra takes them, of a row of this time that is written now; 0 is for ever. */
  secondsOf(time: Time, now: Time): number
  /** Rows from before this time are not worth writing. */
  readonly oldest: Time
  /** Milliseconds from the time of writing, as far as it counts from there. */
  readonly sinceWriting: number
}

/** Whoever writes a row that ends within the hour only makes work. */
const leastLeft = hour

export function lifetimeOf(
  granularity: Granularity,
  mode: TtlMode,
  { days = {}, now }: { days?: LifetimeDays; now: Time },
): Lifetime {
  const blueflood = (days[granularity.name] ?? defaults[granularity.name]) * day || Number.POSITIVE_INFINITY
  if (mode === 'remaining') {
    return {
      secondsOf: (time, at) => secondsOf(time + blueflood - at),
      oldest: now + leastLeft - blueflood,
      sinceWriting: Number.POSITIVE_INFINITY,
    }
  }
  const sinceWriting = mode === 'full' ? blueflood : mode === 'none' ? Number.POSITIVE_INFINITY : mode.days * day
  return { secondsOf: () => secondsOf(sinceWriting), oldest: Number.NEGATIVE_INFINITY, sinceWriting }
}

const secondsOf = (ms: number): number => (ms === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.round(ms / 1_000)))

/** Whether Blueflood's `points=` queries still look at rows of a granularity as old as this: they choose by its default lifetime. */
export const isChosenByAge = (granularity: Granularity, time: Time, now: Time): boolean =>
  now - time <= defaults[granularity.name] * day
