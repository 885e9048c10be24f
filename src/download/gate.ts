import { readdir } from 'node:fs/promises'
import { compareNames } from '../archive/names.ts'
import type { Time } from '../time/range.ts'
import type { Clock } from '../util/clock.ts'
import { turnstile } from '../util/concurrency.ts'
import { UserError } from '../util/errors.ts'
import type { WantedFile } from './selection.ts'
import { type DiskLimits, type FreeSpace, reserve } from './space.ts'

export interface GateOptions extends DiskLimits {
  readonly directory: string
  /** How much time the files span that the reader needs at once, in ms. */
  readonly readerSpan: number
  /** Whether a marker tells the reader what has come. */
  readonly isMarked: boolean
  readonly freeSpace: FreeSpace
  readonly clock: Clock
  /** Told when a minute of waiting has passed, and another. */
  readonly onWait: (message: string) => void
}

// While there is plenty, the disk is not asked for every file.
const plenty = 20 * reserve
const askEvery = 1_000
const lookEvery = 1_000
const speakEvery = 60_000

/** Lets files in while there is room for them; what the directory's reader removes makes room. */
export function gate(options: GateOptions) {
  const { directory, maxBytes = Infinity, maxFiles = Infinity, readerSpan, isMarked, clock, onWait } = options
  const isLimited = maxBytes < Infinity || maxFiles < Infinity
  const inside = inventory(directory)
  const freeOnDisk = freeSpaceMeter(options)
  const inOrder = turnstile(1)
  let marker: Time = isMarked ? Infinity : -Infinity
  let isStuck = false

  const hasRoom = async (file: WantedFile): Promise<boolean> =>
    (await freeOnDisk()) >= file.size + reserve && (isBelowLimits(file) || isAwaited(file))

  const isBelowLimits = ({ size }: WantedFile): boolean =>
    inside.files.size + 1 <= maxFiles && inside.bytes + size <= maxBytes

  /** The reader removes no later file while this one is missing. */
  const isAwaited = ({ parsed }: WantedFile): boolean =>
    [...inside.files.values()].some((other) => compareNames(parsed, other.parsed) < 0)

  /** The reader surely comes to remove only what it does not need for what the marker stands at. */
  const mayAnyGo = (): boolean =>
    marker === Infinity || [...inside.files.values()].some(({ parsed }) => parsed.time < marker - readerSpan)

  const waitForRoom = async (file: WantedFile, signal?: AbortSignal): Promise<boolean> => {
    let spoken = clock.now()
    while (!isStuck && !(await hasRoom(file))) {
      if (await inside.forgetRemoved()) continue
      if (!isLimited) throw noSpace(directory)
      if (clock.now() - spoken >= speakEvery) {
        onWait(`waiting for files to be removed from ${directory}: ${inside.files.size} are there`)
        spoken = clock.now()
      }
      isStuck = !mayAnyGo()
      if (!isStuck) await clock.sleep(lookEvery, signal)
    }
    if (!isStuck) inside.add(file, 'under way')
    return !isStuck
  }

  return {
    /** Tells of a file that lies in the directory already. */
    note: inside.add,

    /** Resolves to true when the file may come, whose room is taken from then on; to false when no room will be made any more. */
    enter: (file: WantedFile, signal?: AbortSignal): Promise<boolean> => inOrder(() => waitForRoom(file, signal)),

    /** The file is there. */
    leave: inside.arrive,

    /** The file will not come: the marker stays at the one before it. */
    giveUp(file: WantedFile, before: WantedFile | undefined): void {
      inside.arrive(file)
      marker = Math.min(marker, before?.parsed.time ?? -Infinity)
    },
  }
}

/** What lies in a directory or is on its way there. */
function inventory(directory: string) {
  const files = new Map<string, WantedFile>()
  const underWay = new Set<string>()
  let bytes = 0
  return {
    files: files as ReadonlyMap<string, WantedFile>,
    get bytes() {
      return bytes
    },
    add(file: WantedFile, state?: 'under way'): void {
      bytes += file.size - (files.get(file.name)?.size ?? 0)
      files.set(file.name, file)
      if (state === 'under way') underWay.add(file.name)
    },
    arrive: ({ name }: WantedFile): void => void underWay.delete(name),
    /** Whether any file is gone since the last look. */
    async forgetRemoved(): Promise<boolean> {
      // Chosen before the directory is read: what arrives meanwhile may be missing from it.
      const settled = [...files.values()].filter(({ name }) => !underWay.has(name))
      const names = new Set(await readdir(directory))
      const removed = settled.filter(({ name }) => !names.has(name) && files.delete(name))
      for (const { size } of removed) bytes -= size
      return removed.length > 0
    },
  }
}

function freeSpaceMeter({ directory, freeSpace, clock }: GateOptions): () => Promise<number> {
  let free = 0
  let askedAt = 0
  return async () => {
    if (Math.abs(clock.now() - askedAt) < askEvery && free > plenty) return free
    free = await freeSpace(directory)
    askedAt = clock.now()
    return free
  }
}

const noSpace = (directory: string) =>
  new UserError(`no space left in ${directory}`, { hint: 'make room and run the same command again' })
