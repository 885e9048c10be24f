import { spawn, spawnSync } from 'node:child_process'

// Node reads the certificates that this variable names at its start, whatever it runs.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

/** Whether a process can be kept on some of the cores. */
export const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0

/** @typedef {{ seconds: number, megabytes: number, stderr: string }} Run */

/**
 * Runs a command as a process of its own, on the first `cores` cores where that can be had; peak memory is what it says at its end.
 *
 * @param {string[]} command @param {number} cores @returns {Promise<Run>}
 */
export async function measure(command, cores) {
  const pinned = canPin ? ['taskset', '-c', cores === 1 ? '0' : `0-${cores - 1}`, ...command] : command
  const startedAt = performance.now()
  const child = spawn(pinned[0], pinned.slice(1), { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  const seconds = (performance.now() - startedAt) / 1_000
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`)
  return { seconds, megabytes: Number(/peak memory (\d+) kB/.exec(stderr)?.[1]) / 1_024, stderr }
}

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
