import { compareBytes } from '../util/bytes.ts'
import { type Bucket, type ListOptions, type ObjectInfo, Transient } from './bucket.ts'

/** What one request for a listing answers. */
export interface Page {
  readonly objects: readonly ObjectInfo[]
  /** Whether there may be objects after the last of these. */
  readonly more: boolean
}

/**
 * A remote bucket, request by request: drivers implement it, and wrappers that retry, pace, time or count keep its shape.
 * Failures that may pass are {@link Transient}; `get` is as in {@link Bucket}.
 */
export interface PagedBucket extends Pick<Bucket, 'url' | 'get'> {
  /** The first objects after `after`, in order of the UTF-8 bytes of their names: one request. */
  page(options: ListOptions): Promise<Page>
}

/** A bucket that lists page after page. */
export function fromPages(paged: PagedBucket): Bucket {
  return {
    url: paged.url,
    get: paged.get,
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
