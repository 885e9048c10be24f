import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bucket, ObjectInfo } from '../bucket/bucket.ts'
import { compareBytes } from '../util/bytes.ts'
import { forEach } from '../util/concurrency.ts'
import { nodeFiles } from '../util/files.ts'
import { isRemote } from '../util/location.ts'
import { isMd5, isWholeGzip, type Md5Of } from './digest.ts'
import { findWanted, type Period } from './period.ts'
import { openReceived, type Received } from './received.ts'
import { selectFiles } from './selection.ts'

export interface VerifyOptions {
  readonly bucket: Bucket
  readonly directory: string
  readonly period: Period
  readonly md5Of: Md5Of
  readonly signal?: AbortSignal
}

export type Difference = 'size' | 'content'

export interface VerifyReport {
  /** Files of the period in the bucket, and those that are alike in the directory. */
  readonly files: number
  readonly same: number
  /** Of these, the ones for which no digest is known: their size is right, and they unpack to their end. */
  readonly withoutDigest: number
  readonly missing: readonly string[]
  readonly extra: readonly string[]
  readonly different: readonly { readonly name: string; readonly what: Difference }[]
}

const filesAtOnce = 4

/** Compares the files of a period in a bucket and in a directory: names, sizes, digests. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { bucket, directory, period, signal } = options
  const span = { after: period.bounds?.after, before: period.bounds?.before, signal }
  const { wanted } = await selectFiles(bucket, period, span)
  const received = await openReceived(nodeFiles, directory, 'read')
  const local = (await nodeFiles.list(directory)).filter((name) => findWanted(name, period)).sort(compareBytes)
  const [inBucket, inDirectory] = [new Set(wanted.map(({ name }) => name)), new Set(local)]

  const different: { name: string; what: Difference }[] = []
  let withoutDigest = 0
  const both = wanted.filter(({ name }) => inDirectory.has(name))
  await forEach(both, { limit: filesAtOnce, signal }, async (file) => {
    const verdict = await compare(file, received, options)
    if (verdict === 'unpacks') withoutDigest++
    else if (verdict !== 'same') different.push({ name: file.name, what: verdict })
  })
  return {
    files: wanted.length,
    same: both.length - different.length,
    withoutDigest,
    missing: wanted.map(({ name }) => name).filter((name) => !inDirectory.has(name)),
    extra: local.filter((name) => !inBucket.has(name)),
    different: different.sort((a, b) => compareBytes(a.name, b.name)),
  }
}

async function compare(
  file: ObjectInfo,
  received: Received,
  options: VerifyOptions,
): Promise<Difference | 'same' | 'unpacks'> {
  const { bucket, directory, md5Of } = options
  const path = join(directory, file.name)
  if ((await stat(path)).size !== file.size) return 'size'
  const digest =
    recordedDigest(file, received) ?? (isRemote(bucket.url) ? undefined : await md5Of(join(bucket.url, file.name)))
  if (digest !== undefined) return (await md5Of(path)) === digest ? 'same' : 'content'
  if (isMd5(file.etag)) {
    if ((await md5Of(path)) === file.etag) return 'same'
    if (await tellsDigest(file, options)) return 'content'
  }
  return !file.name.endsWith('.gz') || (await isWholeGzip(path)) ? 'unpacks' : 'content'
}

/** What was checked when the file came counts for more than an ETag, which need not be a digest. */
function recordedDigest({ name, etag }: ObjectInfo, received: Received): string | undefined {
  const entry = received.find(name)
  return entry?.etag === etag ? entry.md5 : undefined
}

/** Whether the ETag of an object is its digest: that of an encrypted one looks alike in a listing, and only the object itself tells. */
async function tellsDigest({ name, etag }: ObjectInfo, { bucket, signal }: VerifyOptions): Promise<boolean> {
  const { stream, md5 } = await bucket.get(name, { ifMatch: etag, signal })
  await stream.cancel()
  return md5 !== undefined
}
