import type { CommandContext } from '@stricli/core'
import type { Time } from '../time/range.ts'

/** A stream that text is written to, and whether a person watches it. */
export interface Output {
  /** False where a slower reader should be waited for, until `drain`. */
  write(text: string): unknown
  once?(event: 'drain', listener: () => void): unknown
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
  /** Credentials that a configuration gives, by name; variables of the environment go before them. */
  readonly credentials?: Readonly<Record<string, string>>
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** The clock. */
  now(): Time
}

/** Writes a line of the result. */
export const print = (context: Context, line: string): void => void context.process.stdout.write(`${line}\n`)

/** Writes a line of talk. */
export const say = (context: Context, line: string): void => void context.process.stderr.write(`${line}\n`)

/** Writes much text piece by piece, no faster than it is read. */
export async function printPieces(context: Context, pieces: Iterable<string>): Promise<void> {
  const { stdout } = context.process
  for (const piece of pieces) {
    if (stdout.write(piece) === false) await new Promise<void>((resolve) => stdout.once?.('drain', resolve))
  }
}
