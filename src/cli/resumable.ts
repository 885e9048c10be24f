import type { Range } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { type Context, say } from './context.ts'
import { resumeCommand } from './resume.ts'

/** Does a run whose exit code says how it ended. Where it is not complete, or stopped, says what goes on with it. */
export async function resumable(
  context: Context,
  rangeOf: () => Range | undefined,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const resume = () => resumeCommand(context.process.argv, rangeOf())
  try {
    const exitCode = await run()
    if (exitCode === ExitCode.incomplete) say(context, `incomplete; to go on:  ${resume()}`)
    return exitCode
  } catch (error) {
    if (rangeOf() && mayGoOn(error)) say(context, `to go on:  ${resume()}`)
    if (!context.signal.aborted) throw error
    say(context, 'interrupted: what is done is durable, nothing is half made')
    return ExitCode.interrupted
  }
}

/** Whether the same command may do better another time: not where it was wrong, or refused. */
const mayGoOn = (error: unknown): boolean =>
  !(error instanceof UserError && (error.exitCode === ExitCode.usage || error.exitCode === ExitCode.refused))
