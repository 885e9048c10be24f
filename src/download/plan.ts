import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readMarker } from '../archive/marker.ts'
import { compareBytes } from '../util/bytes.ts'
import { nodeFiles } from '../util/files.ts'
import { isMd5 } from './digest.ts'
import { isOfPeriod, isUpTo } from './marker.ts'
import type { DownloadOptions } from './options.ts'
import type { Period } from './period.ts'
import type { Received, ReceivedFile } from './received.ts'
import { type ListingSpan, type Selection, selectFiles, type WantedFile } from './selection.ts'

/** What a listing shows and what is left to do about it. */
export interface Plan extends Selection {
  readonly todo: readonly WantedFile[]
  /** Wanted files that need not be fetched: recorded before, or lying in the directory as the bucket has them. */
  readonly whole: readonly WantedFile[]
  /** Wanted files that a trusted marker says have come, and nothing else does. */
  readonly leftOut: readonly WantedFile[]
  /** Those of the whole ones that still have to be recorded. */
  readonly adopted: readonly ReceivedFile[]
  readonly skipped?: SkippedNames
  /** Whether files may be missing that were not listed: nobody can say up to which all have come. */
  readonly isPartial: boolean
}

/** Names among which a marker or a chosen start left files out: after the first, up to the second. */
export interface SkippedNames {
  readonly after: string
  readonly to: string
}

/** Plans what is left to do. Files up to a trusted marker that are not known to be there are left out. */
export async function planDownload(options: DownloadOptions, received: Received, trusted?: string): Promise<Plan> {
  const { bucket, period, directory, listFrom, signal } = options
  const selection = await selectFiles(bucket, period, { ...spanOf(options), signal })
  const present = new Set(await nodeFiles.list(directory))
  const isTrusted = trusted === undefined ? () => false : isUpTo(trusted, period)
  const todo: WantedFile[] = []
  const whole: WantedFile[] = []
  const leftOut: WantedFile[] = []
  const adopted: ReceivedFile[] = []
  for (const file of selection.wanted) {
    const isRecorded = received.find(file.name)?.etag === file.etag
    const found = !isRecorded && present.has(file.name) ? await adopt(file, options) : undefined
    if (found) adopted.push(found)
    if (isRecorded || found) whole.push(file)
    else (isTrusted(file) ? leftOut : todo).push(file)
  }
  const unlisted = skippedBy(listFrom, period)
  const skipped = leftOut.length > 0 ? skippedBy(trusted, period) : unlisted
  return { ...selection, todo, whole, leftOut, adopted, skipped, isPartial: unlisted !== undefined }
}

/** From where to where to list: all names that dates suggest, unless the user knows better. */
function spanOf({ period: { bounds }, listFrom, listAll }: DownloadOptions): ListingSpan {
  return listAll ? {} : { after: listFrom ?? bounds?.after, before: bounds?.before }
}

/** The marker that a run trusts, if it does. What the run then writes there itself tells it nothing. */
export async function findTrusted(options: DownloadOptions): Promise<string | undefined> {
  const { period, directory, workingDirectory, listFrom, listAll, trustMarker, notify } = options
  if (listAll) return undefined
  const marker = await readMarker(nodeFiles, workingDirectory ? [directory, workingDirectory] : [directory])
  const isUsable = marker !== undefined && isOfPeriod(marker, period)
  if (marker !== undefined && !isUsable) notify(`ignoring the marker ${marker}: it is of another period`)
  return trustMarker && isUsable && listFrom === undefined ? marker : undefined
}

function skippedBy(to: string | undefined, { bounds }: Period): SkippedNames | undefined {
  const after = bounds?.after ?? ''
  return to !== undefined && compareBytes(to, after) > 0 ? { after, to } : undefined
}

/** A file that a crash kept from being recorded, or that somebody put there, is taken over if its digest can be told and is right. */
async function adopt(
  { name, size, etag }: WantedFile,
  { directory, md5Of }: DownloadOptions,
): Promise<ReceivedFile | undefined> {
  if (!isMd5(etag)) return undefined
  const path = join(directory, name)
  const isSame = (await stat(path)).size === size && (await md5Of(path)) === etag
  return isSame ? { name, size, etag, md5: etag } : undefined
}
