import { allowance } from '../util/allowance.ts'
import type { Clock } from '../util/clock.ts'
import { type Bucket, Transient } from './bucket.ts'
import type { PagedBucket } from './pages.ts'

export interface PaceOptions {
  /** Never more requests than this. */
  readonly maxPerSecond?: number
  /** Whether to find out in the beginning what the server bears, rather than to ask for all at once. */
  readonly isCareful?: boolean
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

// After a refusal the pace is this part of what it was, comes back near to it soon, is there again after so many ms and requests, and then goes
// beyond ever faster: a cubic function of time, as TCP has it (RFC 9438).
const easing = 0.9
const back = 10_000
const requestsBack = 60
const slowest = 0.2
// Where so much less was answered than the pace had it, what was answered counts.
const isFarBelow = 0.8
const longestWindow = 10_000
// A timer that rings late costs nothing up to so many ms.
const slack = 100

// A careful beginning: so many requests at any time, then a pace that doubles soon, until the first refusal.
const firstRequests = 16
const firstPace = 20
const firstPaceDoublesAfter = 500

/** The pace in requests per second and the queue of those that wait for their turn. */
export function pacemaker({ maxPerSecond = Number.POSITIVE_INFINITY, isCareful = false, clock }: PaceOptions) {
  const answered: number[] = []
  const beginning = isCareful ? carefulBeginning(clock) : () => Number.POSITIVE_INFINITY
  let rate = maxPerSecond
  let next = 0
  let refusedAt = 0
  let peak = 0
  let turn: Promise<void> = Promise.resolve()

  const waitForTurn = async (signal?: AbortSignal): Promise<void> => {
    for (let wait = next - clock.now(); wait > 0; wait = next - clock.now()) await clock.sleep(wait, signal)
    grow()
    next = Math.max(next, clock.now() - slack) + 1000 / (refusedAt > 0 ? rate : Math.min(rate, beginning()))
  }

  const grow = (): void => {
    if (rate >= maxPerSecond) return
    const plateau = Math.max(back, (requestsBack * 1000) / peak)
    const beyond = (1 - easing) * ((clock.now() - refusedAt) / plateau - 1) ** 3
    rate = Math.min(maxPerSecond, Math.max(slowest, peak * (1 + beyond)))
  }

  const slowDown = (started: number, retryAfter = 0): void => {
    const now = clock.now()
    next = Math.max(next, now + retryAfter)
    // Requests that were under way when the pace was lowered say nothing about the new one.
    if (started < refusedAt) return
    const good = lastGoodRate(now)
    peak = good < isFarBelow * rate ? good : rate
    rate = Math.max(slowest, easing * peak)
    // What has just been answered went beyond the new pace: that is made up for.
    const recent = answered.filter((time) => time > now - 1000)
    next = Math.max(next, now + 1000 / rate, (recent[0] ?? now) + (recent.length * 1000) / rate)
    refusedAt = now
  }

  const lastGoodRate = (now: number): number => {
    const window = Math.min(longestWindow, Math.max(1000, 5000 / rate))
    const recent = answered.filter((time) => time > now - window)
    return Math.max(1, (recent.length * 1000) / Math.max(1000, now - (recent[0] ?? now)))
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

/** The pace of each request from the first one on. */
function carefulBeginning(clock: Clock): () => number {
  let [begun, begunAt] = [0, 0]
  return () => {
    if (begun === 0) begunAt = clock.now()
    if (++begun <= firstRequests) return Number.POSITIVE_INFINITY
    return firstPace * 2 ** ((clock.now() - begunAt) / firstPaceDoublesAfter)
  }
}

/** Lets at most `bytesPerSecond` through, over all objects together. */
export function slowed<B extends Pick<Bucket, 'get'>>(bucket: B, bytesPerSecond: number, clock: Clock): B {
  const bytes = allowance(bytesPerSecond, clock)

  const limited = (signal?: AbortSignal) =>
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        bytes.take(chunk.byteLength)
        await bytes.wait(signal)
        controller.enqueue(chunk)
      },
    })

  return {
    ...bucket,
    async get(name, options) {
      const content = await bucket.get(name, options)
      return { ...content, stream: content.stream.pipeThrough(limited(options?.signal)) }
    },
  }
}
