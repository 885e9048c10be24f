import { type ArchiveName, compareNames } from '../archive/names.ts'
import type { Bucket, ObjectInfo } from '../bucket/bucket.ts'
import { compareBytes } from '../util/bytes.ts'
import { findWanted, type Period } from './period.ts'

/** A file that is wanted, and where it stands in the canonical order. */
export interface WantedFile extends ObjectInfo {
  readonly parsed: ArchiveName
}

export interface Selection {
  /** In canonical order: time, chunk, name. */
  readonly wanted: readonly WantedFile[]
  /** Names that are no archive file's. */
  readonly foreign: number
  /** Archive files of other times. */
  readonly outside: number
}

export interface ListingSpan {
  /** Both excluded; undefined is the very first or last name. */
  readonly after?: string
  readonly before?: string
}

/** Lists a span of a bucket and picks what the period wants. */
export async function selectFiles(
  bucket: Bucket,
  period: Period,
  { after, before, signal }: ListingSpan & { signal?: AbortSignal },
): Promise<Selection> {
  const wanted: WantedFile[] = []
  let [foreign, outside] = [0, 0]
  for await (const object of bucket.list({ after, signal })) {
    if (before !== undefined && compareBytes(object.name, before) >= 0) break
    const parsed = findWanted(object.name, period)
    if (parsed) wanted.push({ ...object, parsed })
    else if (period.parse(object.name)) outside++
    else foreign++
  }
  wanted.sort((a, b) => compareNames(a.parsed, b.parsed))
  return { wanted, foreign, outside }
}
