import type { Clock } from '../util/clock.ts'
import { type GetOptions, Transient } from './bucket.ts'
import type { Content, PagedBucket } from './pages.ts'

export interface RetryOptions {
  /** How often a request, or a body that brings nothing new, is tried again. */
  readonly retries: number
  /** Milliseconds of the longest first pause; it doubles with every failure in a row. */
  readonly base?: number
  /** Milliseconds of the longest pause of all, unless the server asks for more. */
  readonly cap?: number
  readonly clock: Clock
}

/** Makes requests again that failed in passing, and goes on with broken bodies where they broke. */
export function retrying(bucket: PagedBucket, options: RetryOptions): PagedBucket {
  return {
    url: bucket.url,
    page: (page) => again(() => bucket.page(page), options, page.signal),
    async get(name, get = {}) {
      const content = await again(() => bucket.get(name, get), options, get.signal)
      return { ...content, bytes: resumed({ bucket, name, get, content }, options) }
    },
  }
}

/** Makes an attempt until it succeeds or fails for good. */
export async function again<T>(attempt: () => Promise<T>, options: RetryOptions, signal?: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      await pause(error, failures, { ...options, signal })
    }
  }
}

interface Transfer {
  readonly bucket: PagedBucket
  readonly name: string
  readonly get: GetOptions
  readonly content: Content
}

/** The bytes of an object, from as many requests as it takes; every byte counts as progress. */
async function* resumed({ bucket, name, get, content }: Transfer, options: RetryOptions): AsyncGenerator<Uint8Array> {
  const { signal } = get
  let { bytes } = content
  let position = get.offset ?? 0
  let failures = 0
  for (;;) {
    try {
      for await (const chunk of bytes) {
        position += chunk.byteLength
        failures = 0
        yield chunk
      }
      if (position >= content.size) return
      throw new Transient('connection', `${name} ended after ${position} of ${content.size} bytes`)
    } catch (error) {
      if (position >= content.size) return
      await pause(error, ++failures, { ...options, signal })
    }
    const rest = { offset: position, ifMatch: content.etag, signal }
    bytes = (await again(() => bucket.get(name, rest), options, signal)).bytes
  }
}

/** Waits before the next attempt, with full jitter, or throws what cannot be tried again. */
export async function pause(
  error: unknown,
  failures: number,
  options: RetryOptions & { signal?: AbortSignal },
): Promise<void> {
  const { retries, base = 500, cap = 30_000, clock, signal } = options
  if (!(error instanceof Transient) || failures > retries) throw error
  const jittered = clock.random() * Math.min(cap, base * 2 ** (failures - 1))
  await clock.sleep(Math.max(jittered, error.retryAfter ?? 0), signal)
}
