import { setMaxListeners } from 'node:events'

/** How much may go on at once: a number, or one that changes. */
export type Limit = number | ChangingLimit

export interface ChangingLimit {
  /** From 1 up. */
  readonly now: number
  /** Calls `tell` whenever more may go on than before. */
  whenRaised(tell: () => void): void
}

const atOnce = (limit: Limit): number => (typeof limit === 'number' ? limit : limit.now)

/** Lets a signal have as many listeners as there are pieces of work: Node takes more than ten for a leak. */
const expectListeners = (signal: AbortSignal): void => setMaxListeners(0, signal)

/**
 * Calls `work` for every item, taken in order, at most `limit` at once. After the first failure no more items are taken; it is thrown
 * when those under way have ended, whose signal it aborts.
 */
export async function forEach<T>(
  items: Iterable<T>,
  { limit, signal: outer }: { limit: number; signal?: AbortSignal },
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failure = new AbortController()
  const signal = outer ? AbortSignal.any([outer, failure.signal]) : failure.signal
  expectListeners(signal)
  const queue = items[Symbol.iterator]()
  let isOver = false
  const worker = async (): Promise<void> => {
    try {
      for (let item = queue.next(); !item.done; item = queue.next()) {
        signal.throwIfAborted()
        await work(item.value, signal)
      }
    } catch (error) {
      failure.abort(error)
    }
    isOver = true
  }
  const workers: Promise<void>[] = []
  while (!isOver && workers.length < limit) workers.push(worker())
  await Promise.all(workers)
  outer?.throwIfAborted()
  failure.signal.throwIfAborted()
}

/** Begins a piece of work once it is its turn; one whose signal is aborted before that leaves the queue. */
export type Turnstile = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/** Lets at most `limit` pieces of work go on at once; the others wait in order. */
export function turnstile(limit: Limit): Turnstile {
  const waiting = new Set<() => void>()
  let underWay = 0
  const admit = (): void => {
    for (const enter of waiting) {
      if (underWay >= atOnce(limit)) return
      waiting.delete(enter)
      underWay++
      enter()
    }
  }
  const waitForTurn = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        waiting.delete(enter)
        reject(signal?.reason)
      }
      if (signal) expectListeners(signal)
      signal?.addEventListener('abort', leave)
      waiting.add(enter)
      admit()
    })
  if (typeof limit !== 'number') limit.whenRaised(admit)
  return async (work, signal) => {
    signal?.throwIfAborted()
    await waitForTurn(signal)
    try {
      // The others may have failed in between.
      signal?.throwIfAborted()
      return await work()
    } finally {
      underWay--
      admit()
    }
  }
}
