import { execFile, spawnSync } from 'node:child_process'

/** The machine's Python, an independent engine; absent it may only be on a developer's machine. */
export const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) {
  if (process.env.CI) throw new Error('python3 is missing: the comparison with CPython cannot be left out in CI')
  console.warn('SKIPPED: python3 is missing, nothing is compared with CPython')
}

/** Runs a script that reads JSON from stdin; gives the bytes that it writes to stdout. */
export function python(script: string, input: unknown = null): Buffer {
  const run = spawnSync('python3', ['-c', script], { input: JSON.stringify(input), maxBuffer: 1 << 30 })
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr}`)
  return run.stdout
}

/** The same beside whatever this process does; `program` may be another Python. */
export const pythonBeside = (script: string, input: unknown = null, program = 'python3'): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 30, encoding: 'buffer' } as const
    const child = execFile(program, ['-c', script], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
    child.stdin?.end(JSON.stringify(input))
  })
