import { getSystemErrorMap } from 'node:util'

/** What the process says to its caller when it ends. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  incomplete: 3,
  mismatch: 4,
  nothing: 5,
  interrupted: 6,
  refused: 7,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/**
 * An error that the user can act upon: its message is shown as it is, without a stack.
 * Everything else that is thrown is a bug, or a failure of the machine.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly exitCode: ExitCode
  /** What to do about it, as a sentence or a command. */
  readonly hint: string | undefined

  constructor(message: string, options: { exitCode?: ExitCode; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? ExitCode.failed
    this.hint = options.hint
  }
}

/** A mistake in an option, a configuration or an input that the user wrote. */
export const usageError = (message: string, hint?: string) => new UserError(message, { exitCode: ExitCode.usage, hint })

/** Something that retrofill will not do without consent. */
export const refusal = (message: string, hint?: string) => new UserError(message, { exitCode: ExitCode.refused, hint })

/** The code of a system error such as `ENOENT`, or undefined. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** The message of anything that can be thrown. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** What to do about some failures of the machine. */
const systemHints: Readonly<Record<string, string>> = {
  ENOSPC: 'make room, then run the command again',
  EDQUOT: 'make room, then run the command again',
  EFBIG: 'raise the limit on the size of files (ulimit -f), then run the command again',
  EROFS: 'the file system must be mounted for writing',
  EACCES: 'this user must be allowed to read and write there',
  EPERM: 'this user must be allowed to read and write there',
  EMFILE: 'raise the limit on open files (ulimit -n)',
}

/** What went wrong first, where cleaning up failed as well. */
export const rootError = (error: unknown): unknown =>
  error instanceof Error && 'suppressed' in error ? rootError(error.suppressed) : error

/** A failure of the machine as a user can act upon it; anything else as it is. */
export function wordSystemError(error: unknown): unknown {
  if (!(error instanceof Error && 'errno' in error && 'syscall' in error)) return error
  const [code, reason] = getSystemErrorMap().get(Number(error.errno)) ?? [String(errorCode(error)), error.message]
  const path = 'path' in error ? ` ${error.path}` : ''
  return new UserError(`${reason}: ${error.syscall}${path}`, { hint: systemHints[code], cause: error })
}
