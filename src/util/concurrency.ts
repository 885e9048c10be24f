import { setMaxListeners } from 'node:events'

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
  // Each of the workers has listeners of its own on it, and Node takes more than ten for a leak.
  setMaxListeners(0, signal)
  const queue = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    try {
      for (let item = queue.next(); !item.done; item = queue.next()) {
        signal.throwIfAborted()
        await work(item.value, signal)
      }
    } catch (error) {
      failure.abort(error)
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  outer?.throwIfAborted()
  failure.signal.throwIfAborted()
}

/** Lets at most `limit` pieces of work go on at once; the others wait in order. */
export function turnstile(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = limit
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
