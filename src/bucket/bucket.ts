/** One object of a bucket, as a listing tells it. */
export interface ObjectInfo {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Changes when the content does. Drivers whose store gives an MD5 pass it as 32 hex digits. */
  readonly etag: string
}

export interface ListOptions {
  readonly prefix?: string
  /** Only names that come strictly after this one. */
  readonly after?: string
  readonly signal?: AbortSignal
}

export interface GetOptions {
  /** The first byte wanted; the stream goes on to the end of the object. */
  readonly offset?: number
  /** Fails with {@link ObjectChanged} unless the object still has this ETag. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

export interface ObjectContent {
  readonly stream: ReadableStream<Uint8Array>
  /** Bytes of the whole object, whatever the offset. */
  readonly size: number
  readonly etag: string
}

/** Where archive files lie: a directory, S3, Swift. Both methods may be called any number of times, in parallel. */
export interface Bucket {
  /** What the bucket is called in messages: its path or URL, without secrets. */
  readonly url: string
  /** Lists objects in order of the UTF-8 bytes of their names, on every driver. Each object that stays put is listed once. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>
  /** Opens one object. Rejects with {@link ObjectMissing} or {@link ObjectChanged}; what the stream throws is final. */
  get(name: string, options?: GetOptions): Promise<ObjectContent>
}

/** The object is not, or no longer, there. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing'
}

/** The object is no longer the one that was listed. */
export class ObjectChanged extends Error {
  override readonly name = 'ObjectChanged'
}
