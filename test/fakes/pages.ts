import type { GetOptions } from '../../src/bucket/bucket.ts'
import type { Content, PagedBucket } from '../../src/bucket/pages.ts'

/** A bucket of one object, whose requests are answered by a script: bytes to give and, then or instead, an error. */
export function scriptedBucket(
  content: Uint8Array,
  script: readonly Step[],
): PagedBucket & { readonly asked: GetOptions[] } {
  const asked: GetOptions[] = []
  const step = () => script[Math.min(asked.length, script.length) - 1] ?? {}

  async function* bytes(from: number, { give = content.length, fail }: Step): AsyncGenerator<Uint8Array> {
    if (give > 0) yield content.subarray(from, from + give)
    if (fail) throw fail
  }

  return {
    url: 'scripted',
    asked,
    async page() {
      asked.push({})
      const { refuse } = step()
      if (refuse) throw refuse
      return { objects: [{ name: 'object', size: content.length, etag: 'etag' }], more: false }
    },
    async get(_name, options = {}): Promise<Content> {
      asked.push(options)
      const now = step()
      if (now.refuse) throw now.refuse
      return { bytes: bytes(options.offset ?? 0, now), size: content.length, etag: 'etag' }
    },
  }
}

export interface Step {
  /** Instead of an answer. */
  readonly refuse?: Error
  /** So many bytes, by default all. */
  readonly give?: number
  /** After them. */
  readonly fail?: Error
}
