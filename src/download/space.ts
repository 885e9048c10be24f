import { readdir, statfs } from 'node:fs/promises'
import type { Clock } from '../util/clock.ts'
import { UserError, usageError } from '../util/errors.ts'
import { formatBytes } from '../util/size.ts'
import type { WantedFile } from './selection.ts'

/** How much may lie in the directory at a time; what its reader removes makes room. */
export interface DiskLimits {
  readonly maxBytes?: number
  readonly maxFiles?: number
}

export interface SpaceOptions extends DiskLimits {
  readonly directory: string
  readonly clock: Clock
  /** Told when a minute of waiting has passed, and another. */
  readonly onWait?: (message: string) => void
}

/** Left free on the disk, for the journal and for others. */
const reserve = 64 * 2 ** 20
// While there is plenty, the disk is not asked for every file.
const plenty = 20 * reserve
const askEvery = 1_000
const lookEvery = 1_000
const speakEvery = 60_000

/**
 * Checks that the limits leave room for the files of any `span` of time: what a reader needs at once before it can remove anything.
 * @throws a usage error that names the smallest limit
 */
export function checkLimits(wanted: readonly WantedFile[], { maxBytes, maxFiles }: DiskLimits, span: number): void {
  const least = densest(wanted, span)
  if (maxFiles !== undefined && maxFiles < least.files)
    throw usageError(`--max-files ${maxFiles} is too few: the reader needs up to ${least.files} files at once`)
  if (maxBytes !== undefined && maxBytes < least.bytes)
    throw usageError(
      `--max-disk ${formatBytes(maxBytes)} is too little: the reader needs up to ${least.bytes} bytes at once`,
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

/** Checks before the first byte that the files fit on the disk, as far as they have to lie there together. */
export async function checkFreeSpace(directory: string, needed: number): Promise<void> {
  const free = await freeSpace(directory)
  if (free >= needed + reserve) return
  throw new UserError(
    `not enough space in ${directory}: ${formatBytes(needed)} are needed, ${formatBytes(free)} are free`,
    {
      hint: 'with --max-disk SIZE, files are fetched as others are removed',
    },
  )
}

/** Lets files in while there is room for them. */
export function gate({ directory, maxBytes = Infinity, maxFiles = Infinity, clock, onWait }: SpaceOptions) {
  const present = new Map<string, number>()
  const underWay = new Set<string>()
  const isLimited = maxBytes < Infinity || maxFiles < Infinity
  let total = 0
  let free = 0
  let askedAt = 0

  const freeOnDisk = async (): Promise<number> => {
    if (Math.abs(clock.now() - askedAt) < askEvery && free > plenty) return free
    free = await freeSpace(directory)
    askedAt = clock.now()
    return free
  }

  const fits = (size: number): boolean => present.size + 1 <= maxFiles && total + size <= maxBytes

  const note = (name: string, size: number): void => {
    total += size - (present.get(name) ?? 0)
    present.set(name, size)
  }

  const forgetRemoved = async (): Promise<boolean> => {
    // Chosen before the directory is read: what arrives meanwhile may be missing from it.
    const settled = [...present].filter(([name]) => !underWay.has(name))
    const names = new Set(await readdir(directory))
    const removed = settled.filter(([name]) => !names.has(name) && present.delete(name))
    for (const [, size] of removed) total -= size
    return removed.length > 0
  }

  return {
    /** Tells of a file that lies in the directory already. */
    note,

    /** Resolves when the file may come; its room is taken from then on. */
    async enter({ name, size }: WantedFile, signal?: AbortSignal): Promise<void> {
      let spoken = clock.now()
      while ((await freeOnDisk()) < size + reserve || !fits(size)) {
        if (await forgetRemoved()) continue
        if (!isLimited) throw noSpace(directory)
        if (clock.now() - spoken >= speakEvery) {
          onWait?.(`waiting for files to be removed from ${directory}: ${present.size} are there`)
          spoken = clock.now()
        }
        await clock.sleep(lookEvery, signal)
      }
      note(name, size)
      underWay.add(name)
    },

    /** The file is there, or will not come. */
    leave: (name: string): void => void underWay.delete(name),
  }
}

const noSpace = (directory: string) =>
  new UserError(`no space left in ${directory}`, { hint: 'make room and run the same command again' })

async function freeSpace(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
