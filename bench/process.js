// Measuring whole processes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** Runs a script as a process of its own; peak memory in MB as the system counts it. @param {string[]} command */
export async function measure(command) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', join(import.meta.dirname, 'peak-memory.js'), ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  const seconds = (performance.now() - startedAt) / 1_000
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`)
  return { seconds, rss: Math.round(Number(/peak memory (\d+) kB/.exec(stderr)?.[1]) / 1_024) }
}

/** @param {number[]} numbers */
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
