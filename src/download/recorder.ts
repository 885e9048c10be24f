import { setTimeout } from 'node:timers/promises'
import { removeMarker, writeMarker } from '../archive/marker.ts'
import type { FileSystem } from '../util/files.ts'
import { markerProgress } from './marker.ts'
import type { Received, ReceivedFile } from './received.ts'

// What a crash keeps from being recorded in that time lies there whole, and is taken over.
const gatherFor = 100

export interface RecorderOptions {
  readonly files: FileSystem
  readonly directory: string
  readonly received: Received
  /** All names of the period, in the order of the marker. */
  readonly names: readonly string[]
  /** Whether there are others, which nobody knows: the marker cannot stand anywhere. */
  readonly isPartial: boolean
}

/**
 * Makes what arrived durable, in this order: the names in the directory, the journal, the marker. Files that arrive while that is
 * going on are recorded together, so that many small files cost few waits for the disk.
 */
export function recorder({ files, directory, received, names, isPartial }: RecorderOptions) {
  const progress = markerProgress(isPartial ? [] : names)
  let waiting: ReceivedFile[] = []
  let running: Promise<void> | undefined
  let marker: string | undefined
  let isEnding = false

  const recordWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (!isEnding) await setTimeout(gatherFor)
      const group = waiting
      waiting = []
      await files.syncDirectory(directory)
      await received.append(group)
      await move(group.map(({ name }) => name))
    }
    running = undefined
  }

  const move = async (whole: readonly string[]): Promise<void> => {
    const reached = whole.map((name) => progress.note(name)).at(-1)
    if (reached === undefined || reached === marker) return
    await writeMarker(files, directory, reached)
    marker = reached
  }

  return {
    /** Tells of files that count as come. A marker that an earlier run or another tool has left does not stay for itself. */
    async begin(whole: readonly string[]): Promise<void> {
      await move(whole)
      if (marker === undefined && names.length > 0) await removeMarker(files, directory)
    },

    /** Takes a file under its final name. Failures come out of {@link flush}. */
    add(entry: ReceivedFile): void {
      waiting.push(entry)
      running ??= recordWaiting()
      running.catch(() => undefined)
    },

    /** Resolves once everything added is recorded. */
    async flush(): Promise<void> {
      isEnding = true
      await running
    },
  }
}
