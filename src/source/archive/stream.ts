import type { ArchiveBatch } from '../../archive/batch.ts'
import type { KernelName } from '../../archive/scan.ts'
import type { BucketAccess } from '../../bucket/open.ts'
import type { Family } from '../../metric/lines.ts'
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
  readonly kernel?: KernelName
}

/** One batch on its way between threads, without its families: those go only once, when they are new. */
export interface BatchMessage {
  readonly batch: ArchiveBatch
  /** Which families of the thread the ids are of: a higher number once they have started anew. */
  readonly epoch: number
  /** What they have gained. */
  readonly families: readonly Family[]
}

/** How many batches of a file may be on their way before its worker waits. */
export const credit = 2

/** The sender's side: `pack` takes batches in the order in which they are sent. */
export function createPacker(): (batch: ArchiveBatch) => BatchMessage {
  let known: { readonly families: readonly Family[]; sent: number } | undefined
  let epoch = 0
  return ({ points, ...batch }) => {
    const { families } = points
    if (known?.families !== families) {
      known = { families, sent: 0 }
      epoch++
    }
    const news = families.slice(known.sent)
    known.sent = families.length
    return { batch: { ...batch, points: { ...points, families: [] } }, epoch, families: news }
  }
}

/** The receiver's side of one thread: gives every batch its families again. Batches are to come in the order of their packing. */
export function createUnpacker(): (message: BatchMessage) => ArchiveBatch {
  let known: { readonly epoch: number; readonly families: Family[] } | undefined
  return ({ batch, epoch, families }) => {
    if (known?.epoch !== epoch) known = { epoch, families: [] }
    for (const family of families) known.families.push(family)
    return { ...batch, points: { ...batch.points, families: known.families } }
  }
}
