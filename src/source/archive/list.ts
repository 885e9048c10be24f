import { compareNames, type NameParser } from '../../archive/names.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import type { ArchiveFile } from './file.ts'

/** The archive files of a bucket, in canonical order, and the number of objects that are none. */
export interface Listing {
  readonly files: readonly ArchiveFile[]
  readonly foreign: number
}

export async function listArchive(bucket: Bucket, parse: NameParser, signal?: AbortSignal): Promise<Listing> {
  const files: ArchiveFile[] = []
  let foreign = 0
  for await (const info of bucket.list({ signal })) {
    const name = parse(info.name)
    if (name) files.push({ ...info, ...name })
    else foreign++
  }
  return { files: files.sort(compareNames), foreign }
}
