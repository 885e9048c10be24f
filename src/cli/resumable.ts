import type { Range } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { type Context, say } from './context.ts'
import { resumeCommand } from './resume.ts'

export interface Resumption {
  /** What the run is about; undefined as long as that is not known. */
  rangeOf(): Range | undefined
  /** What goes on with it; by default the same command with absolute times. */
  command?(): string
}

/** Does a run whose exit code says how it ended. Where it is not complete, or stopped, says what goes on with it. */
export async function resumable(
  context: Context,
  { rangeOf, command = () => resumeCommand(context.process.argv, rangeOf()) }: Resumption,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    const exitCode = await run()
    if (exitCode === ExitCode.incomplete) say(context, `incomplete; to go on:  ${command()}`)
    return exitCode
  } catch (error) {
    if (rangeOf() && mayGoOn(error)) say(context, `to go on:  ${command()}`)
    if (!context.signal.aborted) throw error
    say(context, 'interrupted: what is done is durable, nothing is half made')
    return ExitCode.interrupted
  }
}

/** Whether the same command may do better another time: not where it was wrong, or refused. */
const mayGoOn = (error: unknown): boolean =>
  !(error instanceof UserError && (error.exitCode === ExitCode.usage || error.exitCode === ExitCode.refused))
