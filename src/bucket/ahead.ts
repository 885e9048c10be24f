import type { Bucket, ObjectContent } from './bucket.ts'

/** Bytes of an object that wait for their reader at most. */
const held = 8 * 2 ** 20

/** Begins to fetch an object that will soon be asked for. Whoever asks the bucket that this returns gets it, the first time. */
export function fetchAhead(bucket: Bucket, name: string, signal?: AbortSignal): Bucket {
  let ahead: Promise<ObjectContent> | undefined = bucket.get(name, { signal }).then(filled)
  // Its failure is met by whoever asks for it.
  ahead.catch(() => undefined)
  return {
    ...bucket,
    get(asked, options = {}) {
      const content = asked === name && !options.offset ? ahead : undefined
      if (!content) return bucket.get(asked, options)
      ahead = undefined
      return content
    },
  }
}

/** The same content, whose bytes come in before they are read. */
function filled(content: ObjectContent): ObjectContent {
  const buffer = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    undefined,
    new ByteLengthQueuingStrategy({ highWaterMark: held }),
  )
  return { ...content, stream: content.stream.pipeThrough(buffer) }
}
