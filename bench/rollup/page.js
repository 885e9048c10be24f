import { cpus, release, totalmem } from 'node:os'
import { canPin, median } from './measure.js'

/**
 * A table of the page: who did what to an archive, on how many cores.
 *
 * @typedef {object} Race
 * @property {string} archive
 * @property {number} files
 * @property {number} cores
 * @property {import('./contestants.js').Contestant[]} contestants
 * @property {Map<string, import('./measure.js').Run[]>} runs by name of contestant
 * @property {{ packed: number, unpacked: number }} bytes
 * @property {number} rows
 * @property {number} points
 */

/** @param {{ races: Race[], stages: Map<string, number[]>, versions: string[], rounds: number, checks: number }} results */
export function pageOf({ races, stages, versions, rounds, checks }) {
  const [first] = races
  return `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}; nothing here is typed by hand but the words.

${races.map(headline).join('\n')}
${growth(races)}
| | |
| --- | --- |
| machine | ${cpus().length} × ${cpus()[0].model.trim()}, ${gigabytes(totalmem())} GB, ${process.platform} ${release()} |
| versions | ${versions.join(', ')} |
| job | ${checks} checks that report once a minute, a gzip file a minute, as Blueflood's ingestion leaves them (\`examples/archive.js\`, seed 1) → 5-minute rollups, as sorted Parquet |

${first.contestants.map(({ name, does }) => `* **${name}**: ${does}.`).join('\n')}
${first.runs.has('ClickHouse') ? '' : '* ClickHouse did not take part: chdb, which needs Python with pip, was not to be had.\n'}
## Method

* A run is a process of its own, timed from its start to its end; memory is the most that it has held (resident, as the kernel counts it), Node or Python included.
* All take turns in each of ${rounds} rounds, after one that only warms up. Figures are medians, with the least and the most beside them; ratios are ratios of medians.
* ${canPin ? 'Each process is kept on the first cores (`taskset`).' : 'There is no `taskset` here: processes use all cores, and nothing is measured on one.'}
* \`NODE_EXTRA_CA_CERTS\` is unset for all: Node reads the certificates that it names at every start.
* The files are in the page cache. In the round that warms up the rows of all who write some are compared: the same counts, minima and maxima, and means up to rounding.

${races.map(table).join('\n\n')}

## Where retrofill's time goes

${first.files} files on ${coresOf(first)}, milliseconds, medians of ${rounds} runs beside those above. A stage ends when the main thread touches the file with which the next one begins.

| stage | ms |
| --- | --- |
${[...stages].map(([stage, times]) => `| ${stage} | ${median(times).toFixed(0)} |`).join('\n')}
`
}

/** @param {Race} race */
function headline(race) {
  const [own, duckdb, gunzip] = ['retrofill', 'DuckDB', 'gunzip'].map((name) => secondsOf(race, name))
  const memory = `${megabytesOf(race, 'retrofill').toFixed(0)} MB`
  return `* ${race.files} files on ${coresOf(race)}: **${(duckdb / own).toFixed(2)} × as fast as DuckDB**, ${(own / gunzip).toFixed(2)} × the time of merely unpacking the files, in ${memory}.`
}

/** What more files take. @param {Race[]} races */
function growth([first, ...others]) {
  const larger = others.find(({ files }) => files > first.files)
  if (!larger) return ''
  const [time, memory] = [secondsOf, megabytesOf].map((of) => of(larger, 'retrofill') / of(first, 'retrofill'))
  return `* ${larger.files / first.files} × the files take ${time.toFixed(2)} × the time and ${memory.toFixed(2)} × the memory.\n`
}

/** @param {Race} race */
function table(race) {
  const { files, bytes, points, rows, contestants } = race
  const own = secondsOf(race, 'retrofill')
  const lines = contestants.map(({ name }) => {
    const seconds = secondsOf(race, name)
    return `| ${name} | ${seconds.toFixed(2)} | ${extremes(race, name)} | ${rate(points / seconds)} | ${megabytesOf(race, name).toFixed(0)} | ${(seconds / own).toFixed(2)} |`
  })
  return `## ${files} files on ${coresOf(race)}

${megabytes(bytes.unpacked)} MB of JSON in ${megabytes(bytes.packed)} MB of gzip: ${points.toLocaleString('en')} points, ${rows.toLocaleString('en')} rollups.

| | s | least–most | points/s | MB | time ÷ retrofill |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}`
}

/** @param {Race} race */
const coresOf = ({ cores }) => (cores === 1 ? 'one core' : canPin ? 'two cores' : 'all cores')
/** @param {Race} race @param {string} name */
const secondsOf = ({ runs }, name) => median(runs.get(name).map(({ seconds }) => seconds))
/** @param {Race} race @param {string} name */
const megabytesOf = ({ runs }, name) => median(runs.get(name).map(({ megabytes }) => megabytes))
/** @param {Race} race @param {string} name */
const extremes = ({ runs }, name) => {
  const seconds = runs.get(name).map((run) => run.seconds)
  return `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`
}
const rate = (/** @type {number} */ points) => `${(points / 1e6).toFixed(2)} M`
const megabytes = (/** @type {number} */ bytes) => Math.round(bytes / 1e6).toLocaleString('en')
const gigabytes = (/** @type {number} */ bytes) => Math.round(bytes / 2 ** 30)
