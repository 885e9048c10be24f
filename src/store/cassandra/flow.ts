import type { Clock } from '../../util/clock.ts'
import { turnstile } from '../../util/concurrency.ts'

export interface FlowOptions {
  /** Rows a second at most. */
  readonly maxPerSecond: number
  /** Milliseconds after which a request that fails again and again is given up. */
  readonly patience: number
  readonly clock: Clock
  /** Whether a failure may pass. */
  isPassing(error: unknown): boolean
}

/** Lets requests through as fast as a server takes them. */
export interface Flow {
  /** Makes a request once it is its turn, and again after failures that may pass. `rows` is what it counts towards the limit. */
  run<T>(request: () => Promise<T>, options?: { rows?: number; signal?: AbortSignal }): Promise<T>
}

/** Requests under way at most, and in the beginning. */
export const mostAtOnce = 256
const firstAtOnce = 64

const firstPause = 100
const longestPause = 5_000
/** Milliseconds of rows that may go ahead of the pace, so that not every request needs a timer. */
const burst = 50

/** Lets requests through at a pace, as many at once as the server bears. */
export function createFlow({ maxPerSecond, patience, clock, isPassing }: FlowOptions): Flow {
  const limit = halvingLimit(clock)
  const inPlace = turnstile(limit)
  let next = 0

  const keepPace = async (rows: number, signal?: AbortSignal) => {
    const now = clock.now()
    next = Math.max(next, now - burst) + (rows * 1_000) / maxPerSecond
    if (next > now) await clock.sleep(next - now, signal)
  }
  const attempt = <T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    inPlace(async () => {
      const startedAt = clock.now()
      try {
        const answer = await request()
        limit.grow()
        return answer
      } catch (error) {
        if (!signal?.aborted) limit.shrink(startedAt)
        throw error
      }
    }, signal)

  return {
    async run(request, { rows = 0, signal } = {}) {
      const startedAt = clock.now()
      for (let pause = firstPause; ; pause = Math.min(longestPause, 2 * pause)) {
        signal?.throwIfAborted()
        if (rows > 0) await keepPace(rows, signal)
        try {
          return await attempt(request, signal)
        } catch (error) {
          if (!isPassing(error) || clock.now() - startedAt > patience) throw error
          await clock.sleep(pause * (0.5 + clock.random() / 2), signal)
        }
      }
    },
  }
}

/** Requests that may be under way: one more after each round that went well, half as many after a failure, of which a round counts one. */
function halvingLimit(clock: Clock) {
  const listeners: (() => void)[] = []
  let atOnce = firstAtOnce
  let shrunkAt = 0
  return {
    get now(): number {
      return Math.floor(atOnce)
    },
    whenRaised: (tell: () => void) => void listeners.push(tell),
    grow(): void {
      atOnce = Math.min(mostAtOnce, atOnce + 1 / atOnce)
      for (const tell of listeners) tell()
    },
    /** After a failure of a request that started then. */
    shrink(startedAt: number): void {
      if (startedAt < shrunkAt) return
      atOnce = Math.max(1, atOnce / 2)
      shrunkAt = clock.now()
    },
  }
}
