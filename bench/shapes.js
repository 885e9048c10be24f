// What the fast kernel costs where it cannot help: archives in which every line has a shape that none had before.
//   heads   something new before the metrics
//   bodies  something new behind the metrics
//   names   metrics with new names, and so new series
// `retrofill rollup --kernel fast` and `--kernel general` as whole processes, interleaved, medians of several rounds.
// Options: --rounds N (5), --files N (12), --checks N (2000).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { makeArchive } from '../examples/archive.js'
import { measure, median } from './rollup/measure.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    files: { type: 'string', default: '12' },
    checks: { type: 'string', default: '2000' },
  },
})
const work = join(tmpdir(), 'retrofill-shapes')
const command = [
  '--import',
  join(import.meta.dirname, 'peak-memory.js'),
  join(import.meta.dirname, '../dist/bin/main.js'),
]

/** @type {Record<string, (line: string, number: number) => string>} */
const shapes = {
  heads: (line, number) => `{"x${number}":0,${line.slice(1)}`,
  bodies: (line, number) => `${line.slice(0, -1)},"x${number}":0}`,
  names: (line, number) => line.replaceAll('":{"metricType"', `_${number}":{"metricType"`),
}

rmSync(work, { recursive: true, force: true })
const plain = join(work, 'plain')
mkdirSync(plain, { recursive: true })
makeArchive({ directory: plain, files: Number(values.files), checks: Number(values.checks) })
for (const [name, change] of Object.entries(shapes)) {
  reshape(name, change)
  const fast = []
  const general = []
  for (let round = 0; round <= Number(values.rounds); round++) {
    const runs = [await rollUp(name, 'fast'), await rollUp(name, 'general')]
    // The first round only warms the caches up.
    if (round > 0) {
      fast.push(runs[0])
      general.push(runs[1])
    }
  }
  const seconds = [fast, general].map((runs) => median(runs.map((run) => run.seconds)))
  const memory = [fast, general].map((runs) => median(runs.map((run) => run.megabytes)))
  console.log(
    `${name.padEnd(6)}  fast ${seconds[0].toFixed(2)} s ${memory[0].toFixed(0)} MB  general ${seconds[1].toFixed(2)} s ${memory[1].toFixed(0)} MB  ` +
      `fast ÷ general: time ${(seconds[0] / seconds[1]).toFixed(2)}, memory ${(memory[0] / memory[1]).toFixed(2)}`,
  )
}
rmSync(work, { recursive: true })

/** Writes the plain archive anew with every line changed. @param {string} name @param {(line: string, number: number) => string} change */
function reshape(name, change) {
  let number = 0
  mkdirSync(join(work, name))
  for (const file of readdirSync(plain)) {
    const lines = gunzipSync(readFileSync(join(plain, file)))
      .toString()
      .trimEnd()
      .split('\n')
    const changed = lines.map((line) => `${change(line, number++)}\n`).join('')
    writeFileSync(join(work, name, file), gzipSync(changed, { level: 1 }))
  }
}

/** @param {string} name @param {string} kernel */
function rollUp(name, kernel) {
  const out = join(work, 'lake')
  rmSync(out, { recursive: true, force: true })
  const args = ['rollup', '--from', join(work, name), '--to', out, `--kernel=${kernel}`, '--quiet']
  return measure([process.execPath, ...command, ...args], 2)
}
