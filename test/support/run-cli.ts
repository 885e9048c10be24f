import { execFile } from 'node:child_process'
import { join } from 'node:path'

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const main = join(import.meta.dirname, '../../dist/cli/main.js')

/** Runs the built command line as a process of its own. */
export function runCli(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CliRun> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: options.cwd, env: { ...process.env, ...options.env }, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
