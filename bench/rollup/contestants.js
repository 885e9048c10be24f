import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Somebody who does the job, or a part of it, in a process of its own.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} does
 * @property {boolean} [writes] whether it leaves rollups behind, as Parquet
 * @property {(job: Job) => string[]} command
 */
/** @typedef {{ archive: string, out: string, cores: number }} Job `out` is an empty directory */

const root = join(import.meta.dirname, '../..')
const node = [process.execPath, '--import', join(root, 'bench/peak-memory.js')]
const script = (/** @type {string} */ name) => [...node, join(import.meta.dirname, name)]
const rollUp = (/** @type {Job} */ { archive, out }) => [
  join(root, 'dist/bin/main.js'),
  ...['rollup', '--from', archive, '--to', join(out, 'lake'), '--quiet'],
]

/** @type {Contestant} */
const retrofill = {
  name: 'retrofill',
  does: '`retrofill rollup` with its defaults: ledger, fsync, everything read back from disk and compared',
  writes: true,
  command: (job) => [...node, ...rollUp(job)],
}

/** @type {Contestant} */
const duckdb = {
  name: 'DuckDB',
  does: 'one SQL query over the same files to the same columns, sorted, as Parquet with zstd; a thread a core',
  writes: true,
  command: ({ archive, out, cores }) => [...script('duckdb.js'), archive, out, String(cores)],
}

/** @type {Contestant} */
const gunzip = {
  name: 'gunzip',
  does: 'Node unpacks every file in one thread, and does nothing with it',
  command: ({ archive }) => [...script('gunzip.js'), archive],
}

/** @type {Contestant} */
const naive = {
  name: 'naive',
  does: 'JavaScript that anybody would write first: `JSON.parse` of every line, a `Map` of series and slots; in memory, one thread, nothing written',
  command: ({ archive }) => [...script('naive.js'), archive],
}

/** @param {string} python @returns {Contestant} */
const clickHouse = (python) => ({
  name: 'ClickHouse',
  does: 'the same query in process, by chdb, from Python',
  writes: true,
  command: ({ archive, out, cores }) => [
    python,
    join(import.meta.dirname, 'clickhouse.py'),
    archive,
    out,
    String(cores),
  ],
})

const chdb = 'chdb==4.4.0'

/** Installs chdb into .cache, once. Gives the Python that has it, or undefined where it cannot be had, and says so. */
function findChdb() {
  const folder = join(root, '.cache', chdb.replace('==', '-'))
  const python = join(folder, 'bin/python')
  if (existsSync(python)) return python
  const isDone = (/** @type {string} */ program, /** @type {string[]} */ ...args) =>
    spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0
  if (isDone('python3', '-m', 'venv', folder) && isDone(python, '-m', 'pip', 'install', '-q', chdb)) return python
  rmSync(folder, { recursive: true, force: true })
  console.error('ClickHouse is left out: it needs python3 with venv and pip, to install chdb')
  return undefined
}

/** Everybody who can take part, and the versions of what they use. */
export function findContestants() {
  const python = findChdb()
  const versions = [revision(), `Node ${process.version}`, `DuckDB ${versionOf('@duckdb/node-api')}`]
  if (!python) return { contestants: [retrofill, duckdb, gunzip, naive], versions }
  const sql = 'import chdb; print(chdb.query("SELECT version()", "TSV"), end="")'
  const version = spawnSync(python, ['-c', sql], { encoding: 'utf8' }).stdout.trim()
  return {
    contestants: [retrofill, duckdb, clickHouse(python), gunzip, naive],
    versions: [...versions, `ClickHouse ${version} (${chdb.replace('==', ' ')})`],
  }
}

/** Which retrofill this is. */
function revision() {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' })
  return `retrofill ${stdout?.trim() || 'of this folder'}`
}

const versionOf = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version

/** retrofill, which tells of the files that it touches. @param {Job} job */
export const watched = (job) => [
  process.execPath,
  '--import',
  join(import.meta.dirname, 'touched-files.js'),
  ...rollUp(job),
]
