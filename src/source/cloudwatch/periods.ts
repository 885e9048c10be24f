import { day, formatTime, hour, minute, second, type Time } from '../../time/range.ts'
import { UserError, usageError } from '../../util/errors.ts'

/** How long CloudWatch keeps values of a period. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
const tiers = [
  { period: second, kept: 3 * hour },
  { period: minute, kept: 15 * day },
  { period: 5 * minute, kept: 63 * day },
  { period: hour, kept: 455 * day },
] as const

/** The finest period that CloudWatch still has of a time; the coarsest one where it has none. */
export const finestKept = (time: Time, now: Time): number => tiers.find(({ kept }) => now - time < kept)?.period ?? hour

export interface PeriodRequest {
  /** Milliseconds, or the finest there is; then at least a minute, since few metrics have more. */
  readonly period: number | 'auto'
  readonly acceptCoarser: boolean
  /** When the run began: whoever planned it saw what was kept then. */
  readonly planned: Time
}

/** The period that is asked for values from a time on, when that was planned. */
const plannedPeriod = ({ period, planned }: PeriodRequest, start: Time): number =>
  period === 'auto' ? Math.max(minute, finestKept(start, planned)) : period

/**
 * The period that is asked for now.
 * @throws where it is no longer kept, unless a coarser one is accepted
 */
export function periodFor(request: PeriodRequest, start: Time, now: Time): number {
  const wanted = plannedPeriod(request, start)
  const finest = finestKept(start, now)
  if (wanted % finest === 0) return wanted
  if (request.acceptCoarser) return Math.ceil(wanted / finest) * finest
  throw new UserError(
    `CloudWatch has no values of ${wanted / second} s from ${formatTime(start)} any more: the finest are of ${finest / second} s`,
    { hint: 'accept those with --accept-coarser, or ask for them with -o period=…' },
  )
}

/** Reads a period in seconds: 1, 5, 10, 20, 30 or a multiple of 60, as CloudWatch takes them. */
export function parsePeriod(text: string): number | 'auto' {
  if (text === 'auto') return 'auto'
  const seconds = Number(text)
  if ([1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)) return seconds * second
  throw usageError(`invalid period: expected auto, 1, 5, 10, 20, 30 or a multiple of 60 seconds, got ${text}`)
}
