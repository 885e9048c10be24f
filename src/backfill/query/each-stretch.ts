import { Transient } from '../../bucket/bucket.ts'
import type { Range } from '../../time/range.ts'
import { forEach, type Limit } from '../../util/concurrency.ts'
import { ExitCode, errorMessage, UserError } from '../../util/errors.ts'

export interface EachStretchOptions {
  /** Stretches that are read at once. */
  readonly concurrency: Limit
  readonly signal: AbortSignal
  /** Told of a stretch that fails, and why; the others go on. */
  onFailure(stretch: Range, reason: string): Promise<void>
  /** Told how much, in ms of history, is done. */
  onStretch?(done: number, total: number): void
}

/** Does a piece of work on every stretch, several at once. */
export async function eachStretch(
  stretches: readonly Range[],
  { concurrency, signal: outer, onFailure, onStretch }: EachStretchOptions,
  work: (stretch: Range, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const total = stretches.reduce((sum, { start, end }) => sum + end - start, 0)
  let done = 0
  await forEach(stretches, { limit: mostOpen(concurrency), signal: outer }, async (stretch, signal) => {
    try {
      await work(stretch, signal)
    } catch (error) {
      outer.throwIfAborted()
      if (!mayBeLeft(error)) throw error
      await onFailure(stretch, errorMessage(error))
    }
    done += stretch.end - stretch.start
    onStretch?.(done, total)
  })
}

/** Stretches that are read, or lie on disk until they are written: so that reading need not wait for writing. */
const mostOpen = (concurrency: Limit): number => (typeof concurrency === 'number' ? 2 * concurrency : 64)

/** Whether the other parts may fare better: not where the command, the credentials or the machine are the problem. */
const mayBeLeft = (error: unknown): boolean =>
  error instanceof Transient || (error instanceof UserError && error.exitCode === ExitCode.failed)
