import { compareNames, type NameBounds, type NameParser } from '../../archive/names.ts'
import type { Bucket } from '../../bucket/bucket.ts'
import { compareBytes } from '../../util/bytes.ts'
import type { ArchiveFile } from './file.ts'

/** The archive files of a bucket, in canonical order, and the number of objects that are none. */
export interface Listing {
  readonly files: readonly ArchiveFile[]
  readonly foreign: number
}

/** Lists the objects of a bucket, or those between two names. */
export async function listArchive(
  bucket: Bucket,
  parse: NameParser,
  { after, before, signal }: Partial<NameBounds> & { signal?: AbortSignal } = {},
): Promise<Listing> {
  const files: ArchiveFile[] = []
  let foreign = 0
  for await (const info of bucket.list({ after, signal })) {
    if (before !== undefined && compareBytes(info.name, before) >= 0) break
    const name = parse(info.name)
    if (name) files.push({ ...info, ...name })
    else foreign++
  }
  return { files: files.sort(compareNames), foreign }
}
