import { type AdaptiveLimit, adaptiveLimit } from '../util/adaptive-limit.ts'
import { allowance } from '../util/allowance.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import { type ChangingLimit, turnstile } from '../util/concurrency.ts'
import { Transient } from './bucket.ts'
import { pacemaker } from './pace.ts'
import { again, pause } from './retry.ts'

/** What a service may be asked for in a second, at most. */
export interface Pace {
  readonly maxRequestsPerSecond?: number
  readonly maxPointsPerSecond?: number
  readonly maxBytesPerSecond?: number
}

export interface CallerOptions extends Pace {
  /** How often in a row a request is made again. */
  readonly retries?: number
  /** Requests under way at once; by default as many as the service bears. */
  readonly concurrency?: number
  /** Milliseconds for one attempt, or between two signs of life that it gives. */
  readonly timeout?: number
  readonly clock?: Clock
}

/** What has come of a request. */
export interface Gain {
  readonly points?: number
  readonly bytes?: number
}

/** One attempt at a request. */
export type Attempt<T> = (signal: AbortSignal, alive: () => void) => Promise<T>

/** Makes requests to one service politely. */
export interface Caller {
  /** How many requests may be under way: a number, or as many as the service turns out to bear. */
  readonly concurrency: number | ChangingLimit
  /**
   * The answer of a request, which is made again where it fails with {@link Transient}; it must heed its signal. One that takes long calls
   * `alive` whenever something has come.
   */
  call<T>(request: Attempt<T>, signal?: AbortSignal): Promise<T>
  /** Waits, as after a failure, where an answer has left something undone: `failures` of such a kind in a row, from 1. */
  rest(problem: Transient, failures: number, signal?: AbortSignal): Promise<void>
  /** Is told what has come: more than the pace allows is waited for before the next request. */
  took(gain: Gain): void
  /** The same at no more than a pace. */
  within(pace: Pace): Caller
}

const defaults = { retries: 8, timeout: 60_000 }
const unlimited = Number.POSITIVE_INFINITY

/** One pace, retries with jitter and a time-out for all requests to a service, of which as many are under way as it bears. */
export function caller(options: CallerOptions = {}): Caller {
  const { retries = defaults.retries, timeout = defaults.timeout, clock = systemClock } = options
  const pace = pacemaker({ maxPerSecond: options.maxRequestsPerSecond, isCareful: true, clock })
  const points = allowance(options.maxPointsPerSecond ?? unlimited, clock)
  const bytes = allowance(options.maxBytesPerSecond ?? unlimited, clock)
  const limit = adaptiveLimit()
  const concurrency = options.concurrency ?? limit
  const inPlace = turnstile(concurrency)

  const attempt = <T>(request: Attempt<T>, signal?: AbortSignal): Promise<T> =>
    inPlace(async () => {
      await Promise.all([points.wait(signal), bytes.wait(signal)])
      return pace.run(() => watched(() => timed(request, { timeout, signal }), { limit, clock }), signal)
    }, signal)

  return {
    concurrency,
    call: (request, signal) => again(() => attempt(request, signal), { retries, clock }, signal),
    rest: (problem, failures, signal) => pause(problem, failures, { retries, clock, signal }),
    took(gain) {
      points.take(gain.points ?? 0)
      bytes.take(gain.bytes ?? 0)
    },
    within: (more) => caller({ ...options, ...slower(options, more) }),
  }
}

/** What keeps to both. */
export const slower = (a: Pace = {}, b: Pace = {}): Pace => ({
  maxRequestsPerSecond: least(a.maxRequestsPerSecond, b.maxRequestsPerSecond),
  maxPointsPerSecond: least(a.maxPointsPerSecond, b.maxPointsPerSecond),
  maxBytesPerSecond: least(a.maxBytesPerSecond, b.maxBytesPerSecond),
})

const least = (a = unlimited, b = unlimited): number => Math.min(a, b)

/** Tells a limit how a request has fared. */
async function watched<T>(
  request: () => Promise<T>,
  { limit, clock }: { limit: AdaptiveLimit; clock: Clock },
): Promise<T> {
  const startedAt = clock.now()
  limit.started()
  try {
    const answer = await request()
    limit.answered(clock.now())
    return answer
  } catch (error) {
    const isRefused = error instanceof Transient && (error.reason === 'throttled' || error.reason === 'timeout')
    if (isRefused) limit.refused(startedAt, clock.now())
    else limit.failed()
    throw error
  }
}

async function timed<T>(
  request: Attempt<T>,
  { timeout, signal: outer }: { timeout: number; signal?: AbortSignal },
): Promise<T> {
  outer?.throwIfAborted()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Transient('timeout', `no answer within ${timeout / 1000} s`)), timeout)
  const signal = outer ? AbortSignal.any([outer, late.signal]) : late.signal
  try {
    return await request(signal, () => void timer.refresh())
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}
