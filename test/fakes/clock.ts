import type { Clock } from '../../src/util/clock.ts'

export interface FakeClock extends Clock {
  /** Every sleep so far, in ms. */
  readonly slept: number[]
}

/** A clock on which only sleeping takes time: the earliest sleeper wakes once everybody waits. */
export function fakeClock({ random = () => 0.5 }: { random?: () => number } = {}): FakeClock {
  let time = 0
  const slept: number[] = []
  const sleepers: { at: number; wake: () => void }[] = []
  let scheduled = false

  const advance = (): void => {
    scheduled = false
    sleepers.sort((a, b) => a.at - b.at)
    const first = sleepers.shift()
    if (!first) return
    time = Math.max(time, first.at)
    first.wake()
    schedule()
  }

  const schedule = (): void => {
    if (scheduled || sleepers.length === 0) return
    scheduled = true
    setImmediate(advance)
  }

  return {
    slept,
    now: () => time,
    random,
    sleep(ms, signal) {
      signal?.throwIfAborted()
      slept.push(ms)
      return new Promise((resolve, reject) => {
        sleepers.push({ at: time + ms, wake: resolve })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        schedule()
      })
    },
  }
}
