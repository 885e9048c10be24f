import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const mainPath = join(import.meta.dirname, '../../dist/cli/main.js')

export interface CliRun {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

/** Runs the command line in a directory as a process of its own, without a terminal. */
export async function runCli(
  directory: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [mainPath, ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (await stream.toArray()).join('')),
  )
  return { stdout, stderr, code: await ended }
}
