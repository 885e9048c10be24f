import type { Clock } from '../util/clock.ts'
import { type Bucket, Transient } from './bucket.ts'
import type { PagedBucket } from './pages.ts'

export interface PaceOptions {
  /** Never more requests than this. */
  readonly maxPerSecond?: number
  readonly clock: Clock
}

/**
 * Spaces requests so that the server need not refuse any: at most `maxPerSecond`, and after a refusal a little slower than it
 * last answered, from where the pace grows again, carefully at first. A Retry-After holds for all requests.
 */
export function paced(bucket: PagedBucket, options: PaceOptions): PagedBucket {
  const pace = pacemaker(options)
  return {
    url: bucket.url,
    page: (page) => pace.run(() => bucket.page(page), page.signal),
    get: (name, get) => pace.run(() => bucket.get(name, get), get?.signal),
  }
}

// After a refusal the pace is this part of the last good one, and grows by so much a second; the growth doubles again and again.
const easing = 0.85
const growth = 0.01
const growthDoublesAfter = 10_000
const slowest = 0.2
const longestWindow = 10_000

/** The pace in requests per second and the queue of those that wait for their turn. */
export function pacemaker({ maxPerSecond = Number.POSITIVE_INFINITY, clock }: PaceOptions) {
  const answered: number[] = []
  let rate = maxPerSecond
  let next = 0
  let refusedAt = 0
  let grownAt = 0
  let turn: Promise<void> = Promise.resolve()

  const waitForTurn = async (signal?: AbortSignal): Promise<void> => {
    for (let wait = next - clock.now(); wait > 0; wait = next - clock.now()) await clock.sleep(wait, signal)
    grow()
    next = Math.max(next, clock.now()) + 1000 / rate
  }

  const grow = (): void => {
    const now = clock.now()
    if (rate >= maxPerSecond) return
    const faster = growth * 2 ** Math.floor((now - refusedAt) / growthDoublesAfter)
    rate = Math.min(maxPerSecond, rate * (1 + faster) ** ((now - grownAt) / 1000))
    grownAt = now
  }

  const slowDown = (started: number, retryAfter = 0): void => {
    const now = clock.now()
    next = Math.max(next, now + retryAfter)
    // Requests that were under way when the pace was lowered say nothing about the new one.
    if (started < refusedAt) return
    rate = Math.max(slowest, easing * Math.min(rate, lastGoodRate(now)))
    next = Math.max(next, now + 1000 / rate)
    refusedAt = now
    grownAt = now
  }

  const lastGoodRate = (now: number): number => {
    const window = Math.min(longestWindow, Math.max(1000, 5000 / rate))
    const recent = answered.filter((time) => time > now - window)
    return Math.max(1, (recent.length * 1000) / Math.max(1, now - (recent[0] ?? now)))
  }

  return {
    async run<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
      const mine = turn.then(() => waitForTurn(signal))
      turn = mine.catch(() => undefined)
      await mine
      const started = clock.now()
      try {
        const answer = await request()
        answered.push(clock.now())
        if (answered.length > 2_000) answered.splice(0, 1_000)
        return answer
      } catch (error) {
        if (error instanceof Transient && error.reason === 'throttled') slowDown(started, error.retryAfter)
        throw error
      }
    },
  }
}

/** Lets at most `bytesPerSecond` through, over all objects together. */
export function slowed<B extends Pick<Bucket, 'get'>>(bucket: B, bytesPerSecond: number, clock: Clock): B {
  let next = 0

  async function* limited(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      const now = clock.now()
      next = Math.max(next, now) + (chunk.byteLength * 1000) / bytesPerSecond
      if (next - now > 1) await clock.sleep(next - now, signal)
      yield chunk
    }
  }

  return {
    ...bucket,
    async get(name, options) {
      const content = await bucket.get(name, options)
      return { ...content, stream: ReadableStream.from(limited(content.stream, options?.signal)) }
    },
  }
}
