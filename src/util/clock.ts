import { setTimeout as sleep } from 'node:timers/promises'

/** Time and chance, as whatever waits and tries again sees them; tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Uniform in [0, 1). */
  random(): number
}

/** Node's timers ring at once where they are to ring later than this. */
const longest = 2 ** 31 - 1

export const systemClock: Clock = {
  now: Date.now,
  random: Math.random,
  async sleep(ms, signal) {
    signal?.throwIfAborted()
    try {
      let left = ms
      for (; left > longest; left -= longest) await sleep(longest, undefined, { signal })
      await sleep(left, undefined, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
