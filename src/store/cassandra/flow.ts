import type { Clock } from '../../util/clock.ts'

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
  const places = openPlaces(clock)
  let next = 0

  const keepPace = async (rows: number, signal?: AbortSignal) => {
    const now = clock.now()
    next = Math.max(next, now - burst) + (rows * 1_000) / maxPerSecond
    if (next > now) await clock.sleep(next - now, signal)
  }
  const attempt = async <T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    await places.enter()
    const startedAt = clock.now()
    try {
      // The others may have failed while this one waited.
      signal?.throwIfAborted()
      const answer = await request()
      places.grow()
      return answer
    } catch (error) {
      if (!signal?.aborted) places.shrink(startedAt)
      throw error
    } finally {
      places.leave()
    }
  }

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

/** Places for requests under way: one more after each round that went well, half as many after a failure, of which a round counts one. */
function openPlaces(clock: Clock) {
  const waiting: (() => void)[] = []
  let atOnce = firstAtOnce
  let underWay = 0
  let shrunkAt = 0
  return {
    async enter(): Promise<void> {
      if (underWay >= Math.floor(atOnce)) await new Promise<void>((resolve) => waiting.push(resolve))
      else underWay++
    },
    leave(): void {
      underWay--
      while (underWay < Math.floor(atOnce) && waiting.length > 0) {
        underWay++
        waiting.shift()?.()
      }
    },
    grow(): void {
      atOnce = Math.min(mostAtOnce, atOnce + 1 / atOnce)
    },
    /** After a failure of a request that started then. */
    shrink(startedAt: number): void {
      if (startedAt < shrunkAt) return
      atOnce = Math.max(1, atOnce / 2)
      shrunkAt = clock.now()
    },
  }
}
