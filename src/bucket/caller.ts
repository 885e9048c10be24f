import { type Clock, systemClock } from '../util/clock.ts'
import { Transient } from './bucket.ts'
import { pacemaker } from './pace.ts'
import { again, pause } from './retry.ts'

export interface CallerOptions {
  /** How often in a row a request is made again. */
  readonly retries?: number
  readonly maxRequestsPerSecond?: number
  /** Milliseconds for one attempt, or between two signs of life that it gives. */
  readonly timeout?: number
  readonly clock?: Clock
}

/** One attempt at a request. */
export type Attempt<T> = (signal: AbortSignal, alive: () => void) => Promise<T>

/** Makes requests to one service politely. */
export interface Caller {
  /**
   * The answer of a request, which is made again where it fails with {@link Transient}; it must heed its signal. One that takes long calls
   * `alive` whenever something has come.
   */
  call<T>(request: Attempt<T>, signal?: AbortSignal): Promise<T>
  /** Waits, as after a failure, where an answer has left something undone: `failures` of such a kind in a row, from 1. */
  rest(problem: Transient, failures: number, signal?: AbortSignal): Promise<void>
}

const defaults = { retries: 8, timeout: 60_000 }

/** One pace, retries with jitter and a time-out for all requests to a service. */
export function caller(options: CallerOptions = {}): Caller {
  const { retries = defaults.retries, timeout = defaults.timeout, clock = systemClock } = options
  const pace = pacemaker({ maxPerSecond: options.maxRequestsPerSecond, clock })
  return {
    call: (request, signal) =>
      again(() => pace.run(() => timed(request, { timeout, signal }), signal), { retries, clock }, signal),
    rest: (problem, failures, signal) => pause(problem, failures, { retries, clock, signal }),
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
