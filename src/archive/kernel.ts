import type { Draft } from './batch.ts'
import type { Dictionary } from './dictionary.ts'

/** Turns lines into points. All kernels do the same at different speeds; each is for one stream of files at a time. */
export interface Kernel {
  /**
   * Reads lines of `window`, which ends with a line end, from the line start `offset` on, until the window ends or the draft
   * is full. Returns where the next line starts.
   */
  scan(window: Uint8Array, offset: number, draft: Draft): number
}

export interface KernelOptions {
  readonly dictionary: Dictionary
  /** Longer lines are rejected; in bytes. */
  readonly maxLine: number
  /** A draft is full once it has this many points. */
  readonly batchPoints: number
}

/** A draft is full once it has this many rejects, too. */
const batchRejects = 1024

export const isFull = (draft: Draft, { batchPoints }: KernelOptions): boolean =>
  draft.values >= batchPoints || draft.rejects.length >= batchRejects

export const lineEnd = 0x0a
