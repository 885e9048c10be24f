import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string
  /** How large a file may grow, in blocks of 512 bytes. */
  readonly fileLimit?: number
}

export const main = join(import.meta.dirname, '../../dist/bin/main.js')

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the built command; the caller awaits `result`, and may kill `child` before. */
export function startCli(
  args: readonly string[],
  { env, cwd, stdin, fileLimit }: CliOptions = {},
): {
  child: ChildProcess
  result: Promise<CliResult>
} {
  // Reading the certificates of the machine may take longer than all else, and tests talk to this machine only.
  const own = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...env }
  const limited = fileLimit === undefined ? [] : ['sh', '-c', `ulimit -f ${fileLimit} && exec "$0" "$@"`]
  const [file, ...rest] = [...limited, process.execPath, main, ...args]
  const child = spawn(file, rest, { cwd, env: own, stdio: 'pipe' })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdin.end(stdin ?? '')
  const result = new Promise<CliResult>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal, stdout, stderr })
    })
  })
  return { child, result }
}

/** Runs the built command to its end. */
export const runCli = (args: readonly string[], options?: CliOptions): Promise<CliResult> =>
  startCli(args, options).result
