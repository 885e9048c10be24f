import type { CliCommand } from './command.ts'

/**
 * Puts `RETROFILL_<FLAG>` variables before the flags of a command line, for flags that it does not give itself:
 * `RETROFILL_START_TIME=-12h` stands for `--start-time=-12h`, `RETROFILL_QUIET=1` for `--quiet=1`.
 */
export function withEnvironment(
  [name, ...rest]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { flags }: CliCommand,
): string[] {
  const added = [...flags.keys()].flatMap((flag) => {
    const value = env[variableOf(flag)]
    if (value === undefined || value === '' || isGiven(rest, flag)) return []
    return [`--${flag}=${value}`]
  })
  return [name, ...added, ...rest]
}

/** The variable that stands for a flag. */
export const variableOf = (flag: string): string => `RETROFILL_${flag.replaceAll('-', '_').toUpperCase()}`

/** Whether a command line, spelled out, gives a flag. */
export const isGiven = (argv: readonly string[], flag: string): boolean =>
  argv.some((arg) => arg === `--${flag}` || arg === `--no-${flag}` || arg.startsWith(`--${flag}=`))
