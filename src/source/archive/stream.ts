import type { MessagePort } from 'node:worker_threads'
import type { ArchiveBatch } from '../../archive/batch.ts'
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

/** One batch on its way between threads, without its dictionary: texts go only once, when they are new. */
export interface BatchMessage {
  readonly batch: ArchiveBatch
  readonly thread: number
  /** Which dictionary of the thread the ids are of: a higher number once it has started anew. */
  readonly epoch: number
  /** Texts that the dictionary has gained, the first of which has the id `firstId`. */
  readonly texts: readonly string[]
  readonly firstId: number
}

/** How many batches of a file may be on their way before its worker waits. */
export const credit = 2

/** The sender's side: knows what the other side has been told. */
export function createPacker(thread: number): (batch: ArchiveBatch) => BatchMessage {
  let known: readonly string[] = []
  let epoch = 0
  let told = 0
  return ({ points, counts, rejects }) => {
    if (points.dictionary !== known) {
      known = points.dictionary
      epoch++
      told = 0
    }
    const texts = known.slice(told)
    const firstId = told
    told = known.length
    return { batch: { points: { ...points, dictionary: [] }, counts, rejects }, thread, epoch, texts, firstId }
  }
}

/** The receiver's side: gives every batch the dictionary of its thread again. */
export function createUnpacker(): (message: BatchMessage) => ArchiveBatch {
  const dictionaries = new Map<number, { epoch: number; texts: string[] }>()
  return ({ batch, thread, epoch, texts, firstId }) => {
    const known = dictionaries.get(thread)
    const dictionary = known?.epoch === epoch ? known : { epoch, texts: [] }
    dictionaries.set(thread, dictionary)
    for (const [i, text] of texts.entries()) dictionary.texts[firstId + i] = text
    return { ...batch, points: { ...batch.points, dictionary: dictionary.texts } }
  }
}
