// What a day of raw files into Cassandra takes: 1,440 files of about 1,000 points, all shards, all levels; then shards 0 to 15 and after them
// 16 to 127, which must leave the first rows alone:
//   npm run build && node bench/cassandra-day.js HOST:PORT
// Keyspaces "DayWhole" and "DayParts" are made anew in a server that runs already. Exits with 1 where memory passes 400 MB, where the first
// shards are not about an eighth, or where the second run touches a row of theirs.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import driver from 'cassandra-driver'
import { makeArchive } from '../examples/archive.js'

const host = process.argv[2] ?? '127.0.0.1:9042'
const root = join(import.meta.dirname, '..')
const archive = join(tmpdir(), 'retrofill-bench-day')
const start = Date.UTC(2014, 1, 14)
const mostMemory = 400

if (!existsSync(archive)) makeArchive({ directory: archive, start, files: 1_440, checks: 154 })
const client = new driver.Client({
  contactPoints: [host],
  localDataCenter: 'datacenter1',
  socketOptions: { readTimeout: 120_000 },
})
for (const keyspace of ['DayWhole', 'DayParts']) await client.execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`)

const whole = await rollUp('DayWhole', '--shards=ALL')
const first = await rollUp('DayParts', '--shards=0-15')
const before = await stamps()
const second = await rollUp('DayParts', '--shards=16-127')
const after = await stamps()
await client.shutdown()

const share = first.rows / whole.rows
const untouched = [...before].every(([key, stamp]) => after.get(key) === stamp)
for (const [name, { seconds, rows, memory }] of Object.entries({ whole, first, second }))
  console.log(`${name.padEnd(6)}  ${seconds.toFixed(1)} s  ${rows} rows  ${memory} MB`)
console.log(
  `shards 0-15 are ${share.toFixed(3)} of all rows; the second run has ${untouched ? 'left them alone' : 'TOUCHED them'}`,
)
const memory = Math.max(whole.memory, first.memory, second.memory)
const isWhole = first.rows + second.rows === whole.rows
process.exitCode = memory < mostMemory && untouched && isWhole && Math.abs(share - 1 / 8) < 1 / 32 ? 0 : 1

/** Runs the command as a process of its own. @param {string} keyspace @param {string} shards */
async function rollUp(keyspace, shards) {
  const state = mkdtempSync(join(tmpdir(), 'retrofill-bench-state-'))
  const args = [
    '--from',
    archive,
    '--to',
    `cassandra://${host}/${keyspace}`,
    '--create-schema',
    '--quiet',
    '--output=json',
  ]
  const range = ['--start-time=2014-02-14', '--end-time=2014-02-15', '--granularity=5m,20m,60m,240m,1440m']
  const preloaded = ['--import', join(root, 'bench/peak-memory.js'), join(root, 'dist/bin/main.js')]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...preloaded, 'rollup', ...args, ...range, shards, `--state-dir=${state}`])
  const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended(child)])
  rmSync(state, { recursive: true })
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`)
  const memory = Math.round(Number(/peak memory (\d+) kB/.exec(stderr)?.[1]) / 1_024)
  return { seconds: (performance.now() - startedAt) / 1_000, rows: JSON.parse(stdout).report.push.rows, memory }
}

/** @param {import('node:child_process').ChildProcess} child */
function ended(child) {
  return new Promise((resolve) => child.on('close', resolve))
}

/** @param {import('node:stream').Readable} stream */
async function textOf(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

/** When each row of 5m rollups was written. @returns {Promise<Map<string, string>>} */
async function stamps() {
  const found = new Map()
  const query = 'SELECT key, column1, writetime(value) AS stamp FROM "DayParts".metrics_5m'
  for await (const { key, column1, stamp } of client.stream(query, [], { autoPage: true, fetchSize: 5_000 }))
    found.set(`${key} ${column1}`, String(stamp))
  return found
}
