import { type CliCommand, kebab } from './command.ts'

/**
 * Puts `RETROFILL_<FLAG>` variables before the flags of a command line, for flags that it does not give itself:
 * `RETROFILL_START_TIME=-12h` stands for `--start-time=-12h`, `RETROFILL_QUIET=1` for `--quiet=1`.
 */
export function withEnvironment(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  commands: Readonly<Record<string, CliCommand>>,
): string[] {
  const [name, ...rest] = argv
  const flags = name === undefined ? undefined : commands[name]?.flags
  if (!flags) return [...argv]
  const added = [...flags].flatMap(([flag, { letter }]) => {
    const value = env[`RETROFILL_${flag.replaceAll('-', '_').toUpperCase()}`]
    if (value === undefined || value === '' || rest.some((arg) => isFlag(arg, flag, letter))) return []
    return [`--${flag}=${value}`]
  })
  return [name, ...added, ...rest]
}

/** Whether an argument is a flag, in any of the ways in which it may be written. */
function isFlag(arg: string, flag: string, letter: string | undefined): boolean {
  if (letter !== undefined && /^-[a-z]+$/.test(arg)) return arg.includes(letter)
  const name = kebab(arg.replace(/=.*$/s, ''))
  return name === `--${flag}` || name === `--no-${flag}`
}
