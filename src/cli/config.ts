import { ExitCode } from '../util/errors.ts'
import { type CliCommand, defineCommand } from './command.ts'
import type { CommandTable } from './commands.ts'
import { type ConfigFlags, type Configuration, configFlags, configure, spelled } from './configuration.ts'
import { type Context, print } from './context.ts'
import { choice } from './flags.ts'
import { alignPairs } from './format.ts'

type Flags = ConfigFlags & { readonly output: 'text' | 'json' }

/** @param commands every command by name */
export const configCommand = (commands: CommandTable): CliCommand =>
  defineCommand<Flags>({
    flags: { ...configFlags, output: choice('output', ['text', 'json'], 'Form of the result') },
    aliases: { o: 'output' },
    async run(context, { config, set = [], output }) {
      const words = [...(config === undefined ? [] : [`--config=${config}`]), ...set.map((word) => `--set=${word}`)]
      const found: [string, Configuration][] = []
      for (const name of ['download', 'verify', 'rollup'])
        found.push([name, await configure([name, ...words], context.process.env, commands)])
      const { isSecret } = await import('../config/blueflood-keys.ts')
      show(context, found, { output, isSecret })
      return ExitCode.ok
    },
  })

interface Shown {
  readonly output: Flags['output']
  isSecret(key: string): boolean
}

function show(context: Context, found: readonly [string, Configuration][], { output, isSecret }: Shown): void {
  const [, { blueflood, credentials }] = found[0]
  const masked = Object.entries(credentials).map(([key, value]) => [key, isSecret(key) ? '***' : value] as const)
  if (output === 'json') {
    const commands = Object.fromEntries(found.map(([name, { values }]) => [name, Object.fromEntries(values)]))
    const { used, notNeeded, notUnderstood } = blueflood ?? {}
    const shown = { commands, credentials: Object.fromEntries(masked), used, notNeeded, notUnderstood }
    print(context, JSON.stringify(shown))
    return
  }
  for (const [name, { values }] of found) {
    print(context, `retrofill ${name}`)
    for (const line of alignPairs(
      [...values].map(([flag, [{ value, source }]]) => [`  ${spelled(flag, value).join(' ')}`, source]),
    ))
      print(context, line)
  }
  if (masked.length > 0) print(context, 'credentials')
  for (const line of alignPairs(masked)) print(context, `  ${line}`)
  for (const line of new Set(found.flatMap(([, { notes, warnings }]) => [...notes, ...warnings]))) print(context, line)
}
