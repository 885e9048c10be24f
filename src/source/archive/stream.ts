import type { ArchiveBatch } from '../../archive/batch.ts'
import { type Family, type FamilyList, textList, textsOf } from '../../archive/dictionary.ts'
import type { BucketAccess } from '../../bucket/open.ts'
import type { ArchiveFile, FileEnd } from './file.ts'

/** What a worker is asked: to read a file, whose number others are told by. Each batch may be answered once it has been taken. */
export type Request =
  | { readonly kind: 'read'; readonly id: number; readonly file: ArchiveFile }
  | { readonly kind: 'taken'; readonly id: number }

/** What a worker says of a file. */
export type Reply =
  | { readonly kind: 'batch'; readonly id: number; readonly message: BatchMessage }
  | { readonly kind: 'end'; readonly id: number; readonly size: number; readonly end: FileEnd }

/** What every file of a pool has in common. */
export interface ScanSettings {
  /** Where the files lie; see `openBucket`. */
  readonly location: string
  readonly access: BucketAccess
  /** Whether files that were asked for come in while others are read. */
  readonly isAhead: boolean
  /** Shards whose series are wanted. */
  readonly shards: readonly number[]
}

/** One batch on its way between threads, without its dictionary: families go only once, when they are new. */
export interface BatchMessage {
  readonly batch: ArchiveBatch
  /** Which dictionary of the thread the ids are of: a higher number once it has started anew. */
  readonly epoch: number
  /** What the dictionary has gained. */
  readonly families: readonly Family[]
}

/** How many batches of a file may be on their way before its worker waits. */
export const credit = 2

/** The sender's side. */
export interface Packer {
  /** Makes the list of a dictionary whose series are the other side's to know. */
  createList(): FamilyList
  pack(batch: ArchiveBatch): BatchMessage
}

export function createPacker(): Packer {
  let families: Family[] = []
  let epoch = 0
  return {
    createList() {
      families = []
      epoch++
      return { texts: [], add: (family) => families.push(family) }
    },
    pack: (batch) => ({ batch, epoch, families: families.splice(0) }),
  }
}

/** The receiver's side of one thread: gives every batch its dictionary again. Batches are to come in the order of their packing. */
export function createUnpacker(
  toTexts: (family: Family) => readonly string[],
): (message: BatchMessage) => ArchiveBatch {
  let known: { readonly epoch: number; readonly list: FamilyList } | undefined
  return ({ batch, epoch, families }) => {
    if (known?.epoch !== epoch) known = { epoch, list: textList(toTexts) }
    const { list } = known
    for (const family of families) list.add(family)
    return { ...batch, points: { ...batch.points, dictionary: list.texts } }
  }
}

const maxShared = 1 << 16

/** Makes the texts of a family that several threads tell of once: strings that are the same are quick to compare. */
export function sharedTexts(): (family: Family) => readonly string[] {
  const shared = new Map<string, { names: readonly string[]; texts: readonly string[] }>()
  return (family) => {
    const { prefix, names } = family
    const known = shared.get(prefix)
    if (known?.names.length === names.length && names.every((name, i) => name === known.names[i])) return known.texts
    const texts = textsOf(family)
    if (shared.size >= maxShared) shared.clear()
    shared.set(prefix, { names, texts })
    return texts
  }
}
