// The benchmark of the archive job, as whole processes, interleaved, medians of several rounds:
//   retrofill   rollup with its default verification, to durable Parquet
//   duckdb      one SQL query over the same files to the same Parquet, two threads
//   gunzip      unpacking the files in one thread of Node, nothing else
//   naive       JSON.parse of every line and a Map, in memory
// Options: --rounds N (5), --files N (30), --checks N (7050), --large to measure ten times the files for memory too.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeArchive } from '../examples/archive.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    files: { type: 'string', default: '30' },
    checks: { type: 'string', default: '7050' },
    large: { type: 'boolean', default: false },
  },
})
const root = join(import.meta.dirname, '..')
const work = join(tmpdir(), 'retrofill-bench')
const files = Number(values.files)
const archive = prepare(files)

/** @type {Record<string, (out: string) => string[]>} */
const contestants = {
  retrofill: (out) => [join(root, 'dist/cli/main.js'), 'rollup', '--from', archive, '--to', out, '--quiet'],
  duckdb: (out) => [join(root, 'bench/duckdb.js'), archive, out],
  gunzip: () => [join(root, 'bench/gunzip.js'), archive],
  naive: () => [join(root, 'bench/naive.js'), archive],
}

/** @type {Map<string, { seconds: number, rss: number }[]>} */
const results = new Map(Object.keys(contestants).map((name) => [name, []]))
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [name, command] of Object.entries(contestants)) {
    const run = await measure(command(join(work, `out-${name}`)))
    // The first round only warms the caches up.
    if (round > 0) results.get(name)?.push(run)
    console.error(`round ${round}  ${name.padEnd(9)}  ${run.seconds.toFixed(2)} s  ${run.rss} MB`)
  }
}

const seconds = (/** @type {string} */ name) => median(results.get(name)?.map((run) => run.seconds) ?? [])
const memory = (/** @type {string} */ name) => median(results.get(name)?.map((run) => run.rss) ?? [])
console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, ${files} files, medians of ${values.rounds} rounds`,
)
for (const name of results.keys()) {
  console.log(
    `${name.padEnd(9)}  ${seconds(name).toFixed(2)} s  ${memory(name)} MB  ${(seconds(name) / seconds('retrofill')).toFixed(2)} × retrofill`,
  )
}
if (values.large) {
  const large = prepare(10 * files)
  const run = await measure([
    join(root, 'dist/cli/main.js'),
    'rollup',
    '--from',
    large,
    '--to',
    join(work, 'out-large'),
    '--quiet',
  ])
  console.log(
    `ten times the files: ${run.seconds.toFixed(2)} s, ${run.rss} MB = ${(run.rss / memory('retrofill')).toFixed(2)} × the memory`,
  )
}

/** @param {number} count */
function prepare(count) {
  const directory = join(work, `archive-${count}-${values.checks}`)
  if (!existsSync(directory) || readdirSync(directory).length !== count) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    console.error(`making ${count} files in ${directory}`)
    makeArchive({
      directory,
      seed: 1,
      files: count,
      checks: Number(values.checks),
      start: Date.UTC(2014, 1, 14, 14, 2, 30),
    })
  }
  return directory
}

/** Runs a script as a process of its own; peak memory as the system counts it. @param {string[]} command */
async function measure(command) {
  for (const name of readdirSync(work)) if (name.startsWith('out-')) rmSync(join(work, name), { recursive: true })
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', join(root, 'bench/peak-memory.js'), ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  const elapsed = (performance.now() - startedAt) / 1_000
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`)
  const peak = /peak memory (\d+) kB/.exec(stderr)?.[1]
  return { seconds: elapsed, rss: Math.round(Number(peak) / 1_024) }
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
