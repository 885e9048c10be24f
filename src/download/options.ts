import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../util/clock.ts'
import type { Md5Of } from './digest.ts'
import type { Period } from './period.ts'
import type { DiskLimits, FreeSpace } from './space.ts'

export interface DownloadOptions {
  readonly bucket: Bucket
  readonly directory: string
  readonly period: Period
  /** Files under way at once. */
  readonly batchSize: number
  readonly retries: number
  readonly limits?: DiskLimits
  readonly freeSpace?: FreeSpace
  /** How much time the files span that the directory's reader needs at once, in ms; limits must leave room for them. */
  readonly readerSpan?: number
  /** List after this name, or everything, instead of what the dates in names suggest. */
  readonly listFrom?: string
  readonly listAll?: boolean
  /** Leave out what may be missing up to where the marker stands. */
  readonly trustMarker?: boolean
  /** Where else a marker is looked for. */
  readonly workingDirectory?: string
  /** Go on listing until the clock says that no more files can come. */
  readonly wait?: boolean
  /** List only. */
  readonly dryRun?: boolean
  /** A period without a single file is whole. */
  readonly allowEmpty?: boolean
  /** Take the directory over from a run on another host, which is surely dead. */
  readonly takeOver?: boolean
  /** `withDigests` lends one that does not keep bytes from moving. */
  readonly md5Of: Md5Of
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** Told what a person should know while it happens. */
  readonly notify: (message: string) => void
  readonly progress: DownloadProgress
}

/** Told how much there is to do, and what was done since the last call. */
export interface DownloadProgress {
  expect(more: { bytes: number; files: number }): void
  /** Bytes are negative where some were thrown away. */
  advance(more: { bytes?: number; files?: number }): void
}
