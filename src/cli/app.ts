import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from '@stricli/core'
import { Transient } from '../bucket/bucket.ts'
import { ExitCode, rootError, UserError, wordSystemError } from '../util/errors.ts'
import { spellOut } from './arguments.ts'
import { backfillCommand } from './backfill.ts'
import type { CliCommand } from './command.ts'
import { configCommand } from './config.ts'
import { configure } from './configuration.ts'
import { type Context, say } from './context.ts'
import { downloadCommand } from './download.ts'
import { gapsCommand } from './gaps.ts'
import { generateDataCommand } from './generate-data.ts'
import { readCommand } from './read.ts'
import { rollupCommand } from './rollup.ts'
import { simulateCommand } from './simulate.ts'
import { sourcesCommand } from './sources.ts'
import { statusCommand } from './status.ts'
import { verifyCommand } from './verify.ts'
import { version } from './version.ts'

/** Every command, by name. */
export const commands: Readonly<Record<string, CliCommand>> = {
  download: downloadCommand,
  verify: verifyCommand,
  rollup: rollupCommand,
  config: configCommand(() => commands),
  backfill: backfillCommand,
  read: readCommand,
  status: statusCommand,
  gaps: gapsCommand,
  sources: sourcesCommand,
  'generate-data': generateDataCommand,
  simulate: simulateCommand,
}

/** Runs one command line; the exit code is left in `context.process.exitCode`. */
export async function runCommandLine(argv: readonly string[], context: Context): Promise<void> {
  if (argv.length === 0) return runCommandLine(['--help'], context)
  try {
    const {
      argv: inputs,
      credentials,
      notes,
      warnings,
    } = await configure(spellOut(argv, commands), context.process.env, commands)
    if (!inputs.some((word) => word === '--quiet' || word === '-q')) for (const note of notes) say(context, note)
    for (const warning of warnings) say(context, `warning: ${warning}`)
    await run(application(), inputs, { ...context, credentials })
    context.process.exitCode = documented(context.process.exitCode)
  } catch (error) {
    say(context, wordError(error))
    context.process.exitCode = determineExitCode(error)
  }
}

const application = (): Application<Context> =>
  buildApplication(
    buildRouteMap({
      routes: Object.fromEntries(Object.entries(commands).map(([name, { command }]) => [name, command])),
      docs: { brief: 'Rebuilds metric history: backfill, roll up, verify, generate, simulate.' },
    }),
    {
      name: 'retrofill',
      versionInfo: { currentVersion: version },
      scanner: { caseStyle: 'allow-kebab-for-camel' },
      documentation: { disableAnsiColor: true },
      localization: {
        text: {
          ...text_en,
          exceptionWhileParsingArguments: wordMistake,
          exceptionWhileRunningCommand: wordError,
          commandErrorResult: wordError,
        },
      },
      determineExitCode,
    },
  )

/** Words what is wrong with a command line. A word that stands alone by mistake may be a token: only its beginning is shown. */
function wordMistake(error: unknown): string {
  if (!(error instanceof ArgumentScannerError)) return wordError(error)
  return formatMessageForArgumentScannerError(error, {
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      `Too many arguments: expected ${expectedCount}, and then came ${input.slice(0, 2)}…`,
  })
}

/** Words an error for the person at the terminal; only bugs come with a stack. */
function wordError(thrown: unknown): string {
  const error = wordSystemError(rootError(thrown))
  if (error instanceof Transient) return `error: ${error.message}\n  it went on failing: run the command again later`
  if (!(error instanceof UserError))
    return `unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  if (error.exitCode === ExitCode.ok) return error.message
  return error.hint ? `error: ${error.message}\n  ${error.hint}` : `error: ${error.message}`
}

function determineExitCode(thrown: unknown): ExitCode {
  const error = rootError(thrown)
  return error instanceof UserError ? error.exitCode : ExitCode.failed
}

/** Stricli's own failures are negative: a command line that cannot be understood is a usage error. */
function documented(code: number | string | null | undefined): number {
  const number = Number(code ?? ExitCode.ok)
  return number < 0 ? ExitCode.usage : number
}
