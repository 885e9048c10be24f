/**
 * The benchmark of the archive job: retrofill beside DuckDB, ClickHouse, gunzip and what anybody would write first, on two cores, on one, and
 * with ten times the files. Prints medians, and writes them with their method to docs/benchmarks.md. It takes some ten minutes.
 *
 *     npm run bench -- [--rounds 7] [--files 30] [--checks 7050] [--times 10] [--page docs/benchmarks.md]
 *
 * `--times 0` leaves the larger archive out.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareRows } from './rollup/agree.js'
import { prepare, sizeOf } from './rollup/archive.js'
import { findContestants, watched } from './rollup/contestants.js'
import { canPin, measure, median } from './rollup/measure.js'
import { pageOf } from './rollup/page.js'
import { stagesOf } from './rollup/stages.js'

const text = (/** @type {string} */ value) => /** @type {const} */ ({ type: 'string', default: value })
const page = join(import.meta.dirname, '../docs/benchmarks.md')
const options = { rounds: text('7'), files: text('30'), checks: text('7050'), times: text('10'), page: text(page) }
const { values } = parseArgs({ options })
const [rounds, files, checks, times] = [values.rounds, values.files, values.checks, values.times].map(Number)
const work = join(tmpdir(), 'retrofill-bench')
const out = join(work, 'out')

const { contestants, versions } = findContestants()
const writers = contestants.filter(({ writes }) => writes)
// Ten times the files are too much for a Map, and on one core it would be as it is on two.
const bounded = contestants.filter(({ name }) => name !== 'naive')
const races = [
  openRace({ files, cores: 2, contestants }),
  ...(canPin ? [openRace({ files, cores: 1, contestants: bounded })] : []),
  ...(times > 0 ? [openRace({ files: times * files, cores: 2, contestants: bounded })] : []),
]
/** @type {Map<string, number[]>} */
const stages = new Map()
for (let round = 0; round <= rounds; round++) {
  for (const race of races) {
    await runRound(race, round)
    if (round === 0) Object.assign(race, await compareWriters())
  }
  if (round > 0) await runStages(races[0])
}
for (const race of races) tell(race)
writeFileSync(values.page, pageOf({ races, stages, versions, rounds, checks }))
rmSync(out, { recursive: true })
console.error(`written to ${values.page}`)

/** @param {Pick<import('./rollup/page.js').Race, 'files' | 'cores' | 'contestants'>} settings @returns {import('./rollup/page.js').Race} */
function openRace(settings) {
  const archive = prepare(work, { files: settings.files, checks })
  const runs = new Map(settings.contestants.map(({ name }) => [name, []]))
  return { ...settings, archive, runs, bytes: sizeOf(archive), rows: 0, points: 0 }
}

/** All take a turn; the first round warms the caches up. @param {import('./rollup/page.js').Race} race @param {number} round */
async function runRound({ archive, files, cores, contestants, runs }, round) {
  for (const { name, command } of contestants) {
    const run = await measure(command({ archive, out: emptied(name), cores }), cores)
    if (round > 0) runs.get(name)?.push(run)
    const figures = `${run.seconds.toFixed(2)} s  ${run.megabytes.toFixed(0)} MB`
    console.error(`round ${round}  ${files} files, ${cores} cores  ${name.padEnd(10)}  ${figures}`)
  }
}

/** What all who write agree on. */
async function compareWriters() {
  const [ours, ...theirs] = writers.map(({ name }) => join(out, name))
  const found = []
  for (const folder of theirs) found.push(await compareRows(ours, folder))
  return found[0]
}

/** @param {import('./rollup/page.js').Race} race */
async function runStages({ archive, cores }) {
  const { stderr } = await measure(watched({ archive, out: emptied('retrofill'), cores }), cores)
  for (const [stage, time] of stagesOf(stderr)) stages.set(stage, [...(stages.get(stage) ?? []), time])
}

/** @param {string} name */
function emptied(name) {
  const folder = join(out, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** @param {import('./rollup/page.js').Race} race */
function tell({ files, cores, runs }) {
  console.log(`${files} files, ${cores} cores, medians of ${rounds} rounds`)
  const seconds = (/** @type {string} */ name) => median(runs.get(name)?.map((run) => run.seconds) ?? [])
  for (const [name, all] of runs) {
    const memory = median(all.map(({ megabytes }) => megabytes)).toFixed(0)
    const ratio = (seconds(name) / seconds('retrofill')).toFixed(2)
    console.log(`${name.padEnd(10)}  ${seconds(name).toFixed(2)} s  ${memory} MB  ${ratio} × retrofill`)
  }
}
