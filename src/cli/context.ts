import type { CommandContext } from '@stricli/core'
import type { Time } from '../time/range.ts'

/** A stream that text is written to, and whether a person watches it. */
export interface Output {
  /** Calls `written` once the text is out. */
  write(text: string, written?: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Everything a command may know of the process: tests pass their own. */
export interface Context extends CommandContext {
  readonly process: {
    readonly stdout: Output
    readonly stderr: Output
    readonly env: Readonly<Record<string, string | undefined>>
    /** The command line as the user gave it, without the program's name. */
    readonly argv: readonly string[]
    exitCode?: number | string | null
  }
  readonly stdin: NodeJS.ReadStream
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** The clock. */
  now(): Time
}

/** Writes a line of the result. */
export const print = (context: Context, line: string): void => void context.process.stdout.write(`${line}\n`)

/** Writes a part of a long result, and waits until it is out, so that a slow reader costs no memory. */
export const printAll = (context: Context, text: string): Promise<void> =>
  new Promise((resolve) => {
    context.process.stdout.write(text, resolve)
  })

/** Writes a line of talk. */
export const say = (context: Context, line: string): void => void context.process.stderr.write(`${line}\n`)

/** Writes much text piece by piece, no faster than it is read. */
export async function printPieces(context: Context, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) await printAll(context, piece)
}
