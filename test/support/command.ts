import { Readable } from 'node:stream'
import { runCommandLine } from '../../src/cli/app.ts'
import type { Context } from '../../src/cli/context.ts'

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** What time it is. */
  readonly now?: () => number
}

/** Runs a command line in the calling process: where many are run, starting a process for each takes longer than all else. */
export async function runHere(
  argv: readonly string[],
  { env = {}, stdin = '', now = Date.now }: CommandOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text
      return true
    },
  })
  const target: Context['process'] = { stdout: output('stdout'), stderr: output('stderr'), env, argv }
  const input = Readable.from([Buffer.from(stdin)]) as NodeJS.ReadStream
  await runCommandLine(argv, { process: target, stdin: input, signal: new AbortController().signal, now })
  return { code: Number(target.exitCode), ...written }
}
