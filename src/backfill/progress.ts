/** What a run tells while it works. */
export interface Progress {
  /** More work has been found. */
  expect(work: { bytes: number; files: number }): void
  /** A part of it is done. */
  advance(done: { bytes?: number; files?: number; points?: number; rows?: number }): void
}

export const noProgress: Progress = { expect() {}, advance() {} }
