import { buildCommand, type Command, type FlagParametersForType, type TypedPositionalParameters } from '@stricli/core'
import type { ExitCode } from '../util/errors.ts'
import type { Context } from './context.ts'

export interface CommandDefinition<Flags extends Readonly<Record<string, unknown>>, Args extends readonly unknown[]> {
  readonly fullDescription?: string
  readonly flags: FlagParametersForType<Flags, Context>
  readonly aliases?: Readonly<Partial<Record<'q' | 'o' | 'i' | 'y', keyof Flags & string>>>
  readonly positional?: TypedPositionalParameters<Args, Context>
  /** Other spellings of flags, such as those of the tool that the command succeeds, in kebab-case. */
  readonly synonyms?: Readonly<Record<string, string>>
  /** Values that stand for those which a command line leaves out, by flags in kebab-case. */
  readonly implied?: Readonly<Record<string, string>>
  /** Parses what is left to parse, calls the library, prints; libraries are imported inside, so that `--help` stays quick. */
  run(context: Context, flags: Flags, ...args: Args): Promise<ExitCode>
}

export interface CliCommand {
  /** What Stricli runs; `brief` is the first line of its help. */
  command(brief: string): Command<Context>
  /** Names of flags in kebab-case, for the environment variables that stand for them; a list takes all words up to the next flag. */
  readonly flags: ReadonlyMap<string, 'boolean' | 'value' | 'list'>
  /** Other spellings of flags, such as `-q` and `--metrics-data-file`, and the names that they stand for. */
  readonly synonyms: ReadonlyMap<string, string>
  /** Values of flags that may stand without one. */
  readonly implied: ReadonlyMap<string, string>
}

/** A command whose function resolves to an exit code. */
export function defineCommand<
  Flags extends Readonly<Record<string, unknown>>,
  Args extends readonly unknown[] = readonly [],
>(definition: CommandDefinition<Flags, Args>): CliCommand {
  const { fullDescription, flags, aliases, positional, synonyms = {}, implied = {}, run } = definition
  const command = (brief: string) =>
    buildCommand<Flags, Args, Context>({
      async func(given, ...args) {
        this.process.exitCode = await run(this, given, ...args)
      },
      // Stricli's conditional types cannot be resolved for a type parameter; the definition's own type is as strict.
      parameters: { flags, aliases, positional } as never,
      docs: { brief, fullDescription },
    })
  const kinds = Object.entries<FlagShape>(flags as never).map(([name, flag]) => [kebab(name), kindOf(flag)] as const)
  const letters = Object.entries(aliases ?? {}).map(([letter, name]) => [`-${letter}`, kebab(name)] as const)
  const words = Object.entries(synonyms).map(([word, name]) => [`--${word}`, name] as const)
  return {
    command,
    flags: new Map(kinds),
    synonyms: new Map([...letters, ...words]),
    implied: new Map(Object.entries(implied)),
  }
}

interface FlagShape {
  readonly kind: string
  readonly variadic?: boolean | string
}

const kindOf = ({ kind, variadic }: FlagShape): 'boolean' | 'value' | 'list' =>
  variadic ? 'list' : kind === 'boolean' ? 'boolean' : 'value'

/** `startTime` as it is written on a command line: `start-time`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
