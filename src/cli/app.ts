import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from '@stricli/core'
import { Transient } from '../bucket/bucket.ts'
import { ExitCode, errorMessage, rootError, UserError, wordSystemError } from '../util/errors.ts'
import { spellOut } from './arguments.ts'
import { kebab } from './command.ts'
import { commands } from './commands.ts'
import { type Context, say } from './context.ts'
import { isGiven } from './environment.ts'
import { version } from './version.ts'

/** Runs one command line; the exit code is left in `context.process.exitCode`. */
export async function runCommandLine(argv: readonly string[], context: Context): Promise<void> {
  if (argv.length === 0) return runCommandLine(['--help'], context)
  try {
    if (Object.hasOwn(commands, argv[0])) await runCommand(argv, context)
    else await run(await application(), argv, context)
    context.process.exitCode = documented(context.process.exitCode)
  } catch (error) {
    say(context, wordError(error))
    context.process.exitCode = determineExitCode(error)
  }
}

async function runCommand(argv: readonly string[], context: Context): Promise<void> {
  const { configure } = await import('./configuration.ts')
  const [name] = argv
  const spelled = spellOut(argv, await commands[name].load())
  const { argv: inputs, credentials, values, notes, warnings } = await configure(spelled, context.process.env, commands)
  if (!inputs.some((word) => word === '--quiet' || word === '-q')) for (const note of notes) say(context, note)
  for (const warning of warnings) say(context, `warning: ${warning}`)
  const sourceOf = (flag: string) => (isGiven(spelled, flag) ? undefined : values.get(flag)?.[0].source)
  await run(await application({ called: name, sourceOf }), inputs, { ...context, credentials })
}

interface Call {
  readonly called?: string
  /** Where the value of a flag that is not on the command line comes from. */
  sourceOf?(flag: string): string | undefined
}

/** All commands, of which only the one that is called is loaded. */
async function application({ called, sourceOf }: Call = {}): Promise<Application<Context>> {
  const routes = Object.entries(commands).map(
    async ([name, { brief, load }]) => [name, name === called ? (await load()).command(brief) : listed(brief)] as const,
  )
  return buildApplication(
    buildRouteMap({
      routes: Object.fromEntries(await Promise.all(routes)),
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
          noCommandRegisteredForInput: (given) => asError(text_en.noCommandRegisteredForInput(given)),
          exceptionWhileParsingArguments: (error) => wordMistake(error, sourceOf),
          exceptionWhileRunningCommand: wordError,
          commandErrorResult: wordError,
          exceptionWhileRunningIntegrationFlag: ({ exception }) => {
            throw exception
          },
        },
      },
      determineExitCode,
    },
  )
}

/** A command as far as the list of commands shows it. */
const listed = (brief: string): Command<Context> =>
  buildCommand<object, [], Context>({ func() {}, parameters: {}, docs: { brief, customUsage: ['[flags]'] } })

/** Words what is wrong with a command line. A word that stands alone by mistake may be a token: only its beginning is shown. */
function wordMistake(error: unknown, sourceOf?: Call['sourceOf']): string {
  if (!(error instanceof ArgumentScannerError)) return wordError(error)
  const message = formatMessageForArgumentScannerError(error, {
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      `too many arguments: expected ${expectedCount}, and then came ${input.slice(0, 2)}…`,
    FlagNotFoundError: ({ input, corrections }) => `no flag registered for --${input}${suggestion(corrections)}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder: flag, exception }) => nameFlag(kebab(flag), exception),
  })
  const flag = /--([\w-]+)/.exec(message)?.[1] ?? ''
  const source = sourceOf?.(kebab(flag))
  return source === undefined ? asError(message) : `${asError(message)}\n  --${kebab(flag)} is set by ${source}`
}

/** Flags as `--help` spells them. */
function suggestion(names: readonly string[]): string {
  const flags = new Set(names.map((name) => `--${kebab(name)}`))
  return flags.size === 0 ? '' : `, did you mean ${[...flags].join(' or ')}?`
}

const asError = (message: string): string => `error: ${message[0].toLowerCase()}${message.slice(1)}`

function nameFlag(flag: string, thrown: unknown): string {
  const message = errorMessage(thrown)
  return message.includes(`--${flag}`) ? message : `--${flag}: ${message}`
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
