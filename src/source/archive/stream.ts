import type { ArchiveBatch } from '../../archive/batch.ts'
import type { KernelName } from '../../archive/scan.ts'
import type { BucketAccess } from '../../bucket/open.ts'
import type { Family } from '../../metric/lines.ts'
import { type Blocks, createUnloader, type Shipment } from './blocks.ts'
import type { ArchiveFile, FileEnd } from './file.ts'

/** What a worker is asked: to read a file, whose number others are told by. Each batch is answered once it has been used. */
export type Request =
  | { readonly kind: 'read'; readonly id: number; readonly file: ArchiveFile }
  | { readonly kind: 'used'; readonly id: number; readonly block: number }

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

/** One batch on its way between threads. Its families go only once, when they are new. */
export interface BatchMessage extends Omit<ArchiveBatch, 'points'> {
  readonly input: string
  readonly columns: Shipment
  /** Which families of the thread the ids are of: a higher number once they have started anew. */
  readonly epoch: number
  /** What they have gained. */
  readonly families: readonly Family[]
}

/** How many batches of a file may be on their way before its worker waits. */
export const credit = 2

/** The sender's side: takes batches in the order in which they are sent. */
export function createPacker({ load }: Blocks): (batch: ArchiveBatch) => BatchMessage {
  let known: { readonly families: readonly Family[]; sent: number } | undefined
  let epoch = 0
  return ({ points, counts, rejects }) => {
    const { input, families, family, time, line, first, value, kind, wide } = points
    if (known?.families !== families) {
      known = { families, sent: 0 }
      epoch++
    }
    const news = families.slice(known.sent)
    known.sent = families.length
    const columns = load({ family, time, line, first, value, kind, wide })
    return { input, counts, rejects, columns, epoch, families: news }
  }
}

/** The receiver's side of one thread: takes messages in the order of their packing. A batch is good until its block is given back. */
export function createUnpacker(): (message: BatchMessage) => ArchiveBatch {
  const unload = createUnloader()
  let known: { readonly epoch: number; readonly families: Family[] } | undefined
  return ({ input, counts, rejects, columns, epoch, families }) => {
    if (known?.epoch !== epoch) known = { epoch, families: [] }
    for (const family of families) known.families.push(family)
    const points = { input, length: columns.extent.lines, families: known.families, ...unload(columns) }
    return { points, counts, rejects }
  }
}
