import type { Room } from '../metric/lines.ts'
import { type ArchiveBatch, createDraft, type Draft, finish } from './batch.ts'
import type { Dictionary } from './dictionary.ts'
import { fastKernel } from './fast.ts'
import { generalKernel } from './general.ts'
import { isFull } from './kernel.ts'
import { wholeLines } from './windows.ts'

/** The ways to read lines; all give the same. `general` is the reference, for tests and for doubt. */
const kernels = { general: generalKernel, fast: fastKernel }

export type KernelName = keyof typeof kernels

export interface ScannerOptions {
  /** Numbers the families of everything that is scanned; it also says which shards are wanted. */
  readonly dictionary: Dictionary
  readonly kernel?: KernelName
  /** A longer line is rejected; in bytes. */
  readonly maxLine?: number
  /** How many points a batch holds, give or take a line. */
  readonly batchPoints?: number
}

export interface Scanner {
  /**
   * Reads one archive file, given as its decompressed bytes in pieces of any size, into batches in the order of its lines. The sum
   * of the batches accounts for every line and metric. If `chunks` fails, the lines that were complete by then are yielded before the
   * error is thrown. Scan one file after another, not at the same time.
   */
  scan(input: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveBatch>
}

const mebi = 1 << 20
/** The least room that a batch is made with. */
const smallest = { lines: 1 << 8, values: 1 << 10 }

export function createScanner({
  dictionary,
  kernel: kernelName = 'fast',
  maxLine = 16 * mebi,
  batchPoints = mebi / 8,
}: ScannerOptions): Scanner {
  const options = { dictionary, maxLine, batchPoints }
  const kernel = kernels[kernelName](options)
  let expected: Room = smallest

  return {
    async *scan(input, chunks) {
      let draft = open(0)
      let failure: unknown
      try {
        for await (const window of wholeLines(chunks, maxLine)) {
          for (
            let next = kernel.scan(window, 0, draft);
            isFull(draft, options);
            next = kernel.scan(window, next, draft)
          ) {
            yield close(draft, input)
            draft = open(draft.line)
          }
        }
      } catch (error) {
        failure = error
      }
      if (draft.counts.lines > 0) yield close(draft, input)
      if (failure !== undefined) throw failure
    },
  }

  function open(line: number): Draft {
    dictionary.renew()
    return createDraft(line, expected)
  }

  /** Files of an archive are alike, so a batch is made as large as the last one came to be. */
  function close(draft: Draft, input: string): ArchiveBatch {
    expected = { lines: draft.length + smallest.lines, values: draft.values + smallest.values }
    return finish(draft, input, dictionary.families)
  }
}
