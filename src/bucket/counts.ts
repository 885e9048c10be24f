import { Transient, type TransientReason } from './bucket.ts'
import type { PagedBucket } from './pages.ts'

/** What a bucket was asked for so far. */
export interface RequestCounts {
  pages: number
  gets: number
  /** Bytes of bodies, those that were thrown away included. */
  bytes: number
  /** Failures that were worth another attempt. */
  failures: Record<TransientReason, number>
}

export const noRequests = (): RequestCounts => ({
  pages: 0,
  gets: 0,
  bytes: 0,
  failures: { connection: 0, timeout: 0, throttled: 0, server: 0 },
})

/** Adds every request and every byte to `counts`. */
export function counting(bucket: PagedBucket, counts: RequestCounts): PagedBucket {
  const note = (error: unknown): never => {
    if (error instanceof Transient) counts.failures[error.reason]++
    throw error
  }
  return {
    url: bucket.url,
    page(options) {
      counts.pages++
      return bucket.page(options).catch(note)
    },
    async get(name, options) {
      counts.gets++
      const content = await bucket.get(name, options).catch(note)
      return { ...content, bytes: counted(content.bytes) }
    },
  }

  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of bytes) {
        counts.bytes += chunk.byteLength
        yield chunk
      }
    } catch (error) {
      note(error)
    }
  }
}
