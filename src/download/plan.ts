import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readMarker } from '../archive/marker.ts'
import { compareBytes } from '../util/bytes.ts'
import { nodeFiles } from '../util/files.ts'
import { isMd5 } from './digest.ts'
import { isOfPeriod } from './marker.ts'
import type { DownloadOptions } from './options.ts'
import type { Received, ReceivedFile } from './received.ts'
import { type ListingSpan, type Selection, selectFiles, type WantedFile } from './selection.ts'

/** What a listing shows and what is left to do about it. */
export interface Plan extends Selection {
  readonly todo: readonly WantedFile[]
  /** Wanted files that need not be fetched: recorded before, or lying in the directory as the bucket has them. */
  readonly whole: readonly WantedFile[]
  /** Those of them that still have to be recorded. */
  readonly adopted: readonly ReceivedFile[]
  readonly skipped?: SkippedNames
  /** Whether files may be missing that were not listed: nobody can say up to which all have come. */
  readonly isPartial: boolean
}

/** Names that a marker or a chosen start left out of the listing: after the first, up to the second. */
export interface SkippedNames {
  readonly after: string
  readonly to: string
}

export async function planDownload(options: DownloadOptions, received: Received): Promise<Plan> {
  const span = await chooseSpan(options)
  const selection = await selectFiles(options.bucket, options.period, { ...span, signal: options.signal })
  const present = new Set(await nodeFiles.list(options.directory))
  const todo: WantedFile[] = []
  const whole: WantedFile[] = []
  const adopted: ReceivedFile[] = []
  for (const file of selection.wanted) {
    const isRecorded = received.find(file.name)?.etag === file.etag
    const found = !isRecorded && present.has(file.name) ? await adopt(file, options) : undefined
    if (found) adopted.push(found)
    ;(isRecorded || found ? whole : todo).push(file)
  }
  const skipped = skippedBy(span, options)
  const isPartial = skipped !== undefined && options.listFrom !== undefined
  return { ...selection, todo, whole, adopted, skipped, isPartial }
}

/** From where to where to list: all names that dates suggest, unless the user knows better. */
async function chooseSpan(options: DownloadOptions): Promise<ListingSpan> {
  const { period, directory, workingDirectory, listFrom, listAll, trustMarker, notify } = options
  if (listAll) return {}
  const marker = await readMarker(nodeFiles, workingDirectory ? [directory, workingDirectory] : [directory])
  const isUsable = marker !== undefined && isOfPeriod(marker, period)
  if (marker !== undefined && !isUsable) notify(`ignoring the marker ${marker}: it is of another period`)
  const trusted = trustMarker && isUsable ? marker : undefined
  return { after: listFrom ?? trusted ?? period.bounds?.after, before: period.bounds?.before }
}

function skippedBy({ after }: ListingSpan, { period }: DownloadOptions): SkippedNames | undefined {
  const earliest = period.bounds?.after ?? ''
  return after !== undefined && compareBytes(after, earliest) > 0 ? { after: earliest, to: after } : undefined
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
