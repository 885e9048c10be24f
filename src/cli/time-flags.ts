import { checkTimezone, parseInstant } from '../time/instant.ts'
import type { Time } from '../time/range.ts'
import type { Context } from './context.ts'
import { optional, text } from './flags.ts'

/** Flags of commands that take times. */
export type TimeFlags = {
  readonly startTime?: string
  readonly endTime?: string
  readonly timezone?: string
}

export const timeFlags = {
  startTime: optional(text('First instant: ISO-8601, a date, or relative such as -12h', 'time')),
  endTime: optional(text('Instant after the last one (exclusive)', 'time')),
  timezone: optional(text('Zone of times that name none (default UTC)', 'zone')),
} as const

/** The instants that the time flags name; undefined for one that is absent. Refuses a zone that there is not, even if no time needs it. */
export async function parseTimes(
  { startTime, endTime, timezone }: TimeFlags,
  context: Context,
): Promise<{ start: Time | undefined; end: Time | undefined }> {
  if (timezone !== undefined) checkTimezone(timezone)
  const options = { timezone, now: context.now() }
  return {
    start: startTime === undefined ? undefined : await parseInstant(startTime, options),
    end: endTime === undefined ? undefined : await parseInstant(endTime, options),
  }
}
