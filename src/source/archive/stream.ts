import type { MessagePort } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
import { type Family, type FamilyList, textList, textsOf } from '../../archive/dictionary.ts'
import type { ArchiveFile, FileEnd } from './file.ts'

/** What a worker is asked to read; batches come through the port, and each may be answered once it has been used. */
export interface FileTask {
  readonly file: ArchiveFile
  readonly port: MessagePort
}

/** What a worker says at the end of a file. */
export interface FileResult {
  readonly end: FileEnd
  /** How many batches it has sent. */
  readonly batches: number
}

/** What every file of a pool has in common. */
export interface ScanSettings {
  /** The path of the directory in which the files lie. */
  readonly directory: string
  /** Shards whose series are wanted. */
  readonly shards: readonly number[]
}

/** One batch on its way between threads, without its dictionary: families go only once, when they are new. */
export interface BatchMessage {
  readonly batch: ArchiveBatch
  readonly thread: number
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

export function createPacker(thread: number): Packer {
  let families: Family[] = []
  let epoch = 0
  return {
    createList() {
      families = []
      epoch++
      return { texts: [], add: (family) => families.push(family) }
    },
    pack: (batch) => ({ batch, thread, epoch, families: families.splice(0) }),
  }
}

/** The receiver's side: gives every batch the dictionary of its thread again. */
export function createUnpacker(): (message: BatchMessage) => ArchiveBatch {
  const lists = new Map<number, { epoch: number; list: FamilyList }>()
  const toTexts = sharedTexts()
  return ({ batch, thread, epoch, families }) => {
    const known = lists.get(thread)
    const { list } = known?.epoch === epoch ? known : { list: textList(toTexts) }
    lists.set(thread, { epoch, list })
    for (const family of families) list.add(family)
    return { ...batch, points: { ...batch.points, dictionary: list.texts } }
  }
}

const maxShared = 1 << 16

/** Makes the texts of a family that several threads tell of once: strings that are the same are quick to compare. */
function sharedTexts(): (family: Family) => readonly string[] {
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
