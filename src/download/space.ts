import { statfs } from 'node:fs/promises'
import { UserError, usageError } from '../util/errors.ts'
import { formatBytes } from '../util/size.ts'
import type { WantedFile } from './selection.ts'

/** How much may lie in the directory at a time; what its reader removes makes room. */
export interface DiskLimits {
  readonly maxBytes?: number
  readonly maxFiles?: number
}

/** Left free on the disk, for the journal and for others. */
export const reserve = 64 * 2 ** 20
/**
 * Checks that the limits leave room for the files of any `span` of time: what a reader needs at once before it can remove anything.
 * @throws a usage error that names the smallest limit
 */
export function checkLimits(wanted: readonly WantedFile[], { maxBytes, maxFiles }: DiskLimits, span: number): void {
  const least = densest(wanted, span)
  if (maxFiles !== undefined && maxFiles < least.files)
    throw usageError(
      `--max-files ${maxFiles} is too few: the reader needs up to ${least.files} files at once`,
      `give --max-files ${least.files} or more`,
    )
  if (maxBytes !== undefined && maxBytes < least.bytes)
    throw usageError(
      `--max-disk ${formatBytes(maxBytes)} is too little: the reader needs up to ${formatBytes(least.bytes)} at once`,
      `give --max-disk ${least.bytes} or more`,
    )
}

/** The most files and bytes whose times lie within `span` of each other. */
function densest(wanted: readonly WantedFile[], span: number): { files: number; bytes: number } {
  const most = { files: 0, bytes: 0 }
  let [first, bytes] = [0, 0]
  for (const [i, { parsed, size }] of wanted.entries()) {
    bytes += size
    for (; parsed.time - wanted[first].parsed.time > span; first++) bytes -= wanted[first].size
    most.files = Math.max(most.files, i - first + 1)
    most.bytes = Math.max(most.bytes, bytes)
  }
  return most
}

/** Bytes that may be written to the disk of a directory. */
export type FreeSpace = (directory: string) => Promise<number>

export const freeSpaceOf: FreeSpace = async (directory) => {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Checks before the first byte that the files fit on the disk, as far as they have to lie there together. */
export async function checkFreeSpace(directory: string, needed: number, freeSpace: FreeSpace): Promise<void> {
  const free = await freeSpace(directory)
  if (free >= needed + reserve) return
  throw new UserError(
    `not enough space in ${directory}: ${formatBytes(needed)} are needed, ${formatBytes(free)} are free`,
    {
      hint: 'with --max-disk SIZE, files are fetched as others are removed',
    },
  )
}
