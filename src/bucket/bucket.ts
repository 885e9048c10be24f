import { UserError } from '../util/errors.ts'

/** One object of a bucket, as a listing tells it. */
export interface ObjectInfo {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Changes when the content does; without quotes. */
  readonly etag: string
}

export interface ListOptions {
  readonly prefix?: string
  /** Only names that come strictly after this one. */
  readonly after?: string
  readonly signal?: AbortSignal
}

export interface GetOptions {
  /** The first byte wanted; the stream goes on to the end of the object. Beyond 0 it must lie inside the object. */
  readonly offset?: number
  /** Fails with {@link ObjectChanged} unless the object still has this ETag. */
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

export interface ObjectContent {
  /** Its pieces are the reader's, who may give their memory back. */
  readonly stream: ReadableStream<Uint8Array>
  /** Bytes of the whole object, whatever the offset. */
  readonly size: number
  readonly etag: string
  /** MD5 of the whole object as 32 hex digits, where the store tells it. */
  readonly md5?: string
}

/** Where archive files lie: a directory, S3, Swift. Both methods may be called any number of times, in parallel. */
export interface Bucket {
  /** What the bucket is called in messages: its path or URL, without secrets. */
  readonly url: string
  /** Lists objects in order of the UTF-8 bytes of their names, on every driver. Each object that stays put is listed once. */
  list(options?: ListOptions): AsyncIterable<ObjectInfo>
  /**
   * Opens one object. Rejects with {@link ObjectMissing}, or with {@link ObjectChanged} where `ifMatch` does not hold or `offset`
   * is beyond the end; what gets out as an error, of the stream too, is final.
   */
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

/** More than the service gives at once: the same request fails again, one for less may not. */
export class TooLarge extends UserError {}

/** Why a request failed that may succeed later. */
export type TransientReason = 'connection' | 'timeout' | 'throttled' | 'server'

/** A failure that may pass: a broken connection, a stalled body, a busy server. The same request may be made again. */
export class Transient extends Error {
  override readonly name = 'Transient'
  readonly reason: TransientReason
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined

  constructor(reason: TransientReason, message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.reason = reason
    this.retryAfter = options.retryAfter
  }
}
