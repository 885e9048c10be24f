import { compareBytes } from '../util/bytes.ts'
import {
  type Bucket,
  type GetOptions,
  type ListOptions,
  type ObjectContent,
  type ObjectInfo,
  Transient,
} from './bucket.ts'

/** What one request for a listing answers. */
export interface Page {
  readonly objects: readonly ObjectInfo[]
  /** Whether there may be objects after the last of these. */
  readonly more: boolean
}

/** An object whose bytes are read once, or left until the signal of the request is aborted. */
export interface Content extends Omit<ObjectContent, 'stream'> {
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * A remote bucket, request by request: drivers implement it, and wrappers that retry, pace, time or count keep its shape.
 * Failures that may pass are {@link Transient}; for the rest it is as {@link Bucket} tells.
 */
export interface PagedBucket {
  readonly url: string
  /** The first objects after `after`, in order of the UTF-8 bytes of their names: one request. */
  page(options: ListOptions): Promise<Page>
  get(name: string, options?: GetOptions): Promise<Content>
}

/** A bucket that lists page after page. */
export function fromPages(paged: PagedBucket): Bucket {
  return {
    url: paged.url,
    async get(name, options = {}) {
      const left = new AbortController()
      const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal
      const { bytes, ...content } = await paged.get(name, { ...options, signal })
      return { ...content, stream: streamOf(bytes, left) }
    },
    async *list({ after, ...options }: ListOptions = {}): AsyncIterable<ObjectInfo> {
      for (let last = after, more = true; more; ) {
        const page = await paged.page({ ...options, after: last })
        yield* page.objects
        last = page.objects.at(-1)?.name ?? last
        more = page.more
      }
    },
  }
}

/** Refuses pages that repeat names or go back, which would make a listing endless or short. */
export function advancing(bucket: PagedBucket): PagedBucket {
  return {
    ...bucket,
    async page(options) {
      const page = await bucket.page(options)
      let last = options.after
      for (const { name } of page.objects) {
        if (last !== undefined && compareBytes(name, last) <= 0)
          throw new Transient('server', `the listing of ${bucket.url} does not advance: ${name} comes after ${last}`)
        last = name
      }
      return page
    },
  }
}

/** Bytes as a stream; to cancel it aborts the request, even before the first byte was read. */
function streamOf(bytes: AsyncIterable<Uint8Array>, left: AbortController): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel(reason) {
        left.abort(reason)
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
