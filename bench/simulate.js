/**
 * How long `retrofill simulate` takes, and how much memory, for markets at one-minute steps: first half of the days, then all of
 * them, since twice the input may take at most 2.3 times as long. Beside it stands what `JSON.parse` of the same file takes, which
 * tells how fast the machine is. Figures are medians; run `npm run build` first.
 *
 *     node bench/simulate.js [days=30] [markets=20] [runs=5]
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'

const [days = 30, markets = 20, runs = 5] = process.argv.slice(2).map(Number)
const main = join(import.meta.dirname, '../dist/bin/main.js')
const start = Date.parse('2017-12-01T00:00:00Z')
const minute = 60_000
const day = 24 * 60 * minute
const types = ['c3.8xlarge', 'm3.large', 'r4.2xlarge', 'm5.xlarge', 'c5.4xlarge']
const zones = ['us-west-2a', 'us-west-2b', 'us-west-2c', 'us-east-1a', 'us-east-1b', 'us-east-1c']

/** Lehmer's generator: the same file at each run. */
let state = 7
function random() {
  state = (state * 16807) % 2147483647
  return state / 2147483647
}

/** In dollars an hour, with as many decimals as EC2 gives. */
const price = () => Math.round(random() * 1e6) / 1e6

async function writeMetrics(file, length) {
  const names = Array.from({ length: markets }, (_, i) => [
    types[i % types.length],
    zones[Math.floor(i / types.length)],
  ])
  const gzip = createGzip({ level: 1 })
  const written = once(gzip.pipe(createWriteStream(file)), 'finish')
  const times = Array.from({ length: length * 1440 }, (_, i) => new Date(start + i * minute).toISOString().slice(0, 19))
  const series = async (name, value) => {
    for (let from = 0; from < times.length; from += 1440) {
      const points = times.slice(from, from + 1440).map((time) => `["${time}+00:00", ${value()}]`)
      if (!gzip.write(`${from === 0 ? `"${name}": [` : ', '}${points.join(', ')}`)) await once(gzip, 'drain')
    }
    gzip.write(']')
  }
  gzip.write('{"metadata": {')
  for (const [type, zone] of names) {
    await series(`spot_prices|aws_availability_zone=${zone},aws_instance_type=${type}`, price)
    gzip.write(', ')
  }
  const capacities = () => names.map(([type, zone]) => `"<${type}, ${zone}>": ${Math.floor(random() * 400)}`).join(', ')
  await series('fulfilled_capacity|cluster=c,pool=p.mesos', () => `{${capacities()}}`)
  gzip.write('}, "system_metrics": {')
  await series('cpus_allocated|cluster=c,pool=p.mesos', () => Math.floor(random() * 3000))
  gzip.end('}}')
  await written
}

/** User CPU seconds and the most memory in MB of a program in a process of its own. */
function measure(code) {
  const report = `process.on('exit', () => {
    const { userCPUTime, maxRSS } = process.resourceUsage()
    console.error(JSON.stringify({ cpu: userCPUTime / 1e6, memory: maxRSS / 1024 }))
  })`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', `${report}\n${code}`, '-'], {
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stderr.trim().split('\n').at(-1))
}

function simulateProgram(file, length) {
  const end = new Date(start + length * day).toISOString()
  const flags = ['--metrics-data-files', file, '--start-time', '2017-12-01', '--end-time', end, '--events', 'none']
  const args = JSON.stringify([main, 'simulate', ...flags])
  return `process.argv.splice(1, 1, ...${args})\nawait import(${JSON.stringify(main)})`
}

const parseProgram = (file) => `
  import { readFileSync } from 'node:fs'
  import { gunzipSync } from 'node:zlib'
  JSON.parse(gunzipSync(readFileSync(${JSON.stringify(file)})).toString('latin1'))`

function median(results, name) {
  return results.map((result) => result[name]).sort((a, b) => a - b)[results.length >> 1]
}

const folder = mkdtempSync(join(tmpdir(), 'retrofill-bench-'))
try {
  const cpus = []
  for (const length of [days / 2, days]) {
    const file = join(folder, `${length}.json.gz`)
    await writeMetrics(file, length)
    const [ours, parses] = [[], []]
    for (let run = 0; run < runs; run++) {
      ours.push(measure(simulateProgram(file, length)))
      // A text of more than 512 MB cannot be parsed in one piece.
      if (length * markets <= 1_000) parses.push(measure(parseProgram(file)))
    }
    const cpu = median(ours, 'cpu')
    const beside = parses.length > 0 ? `, ${(cpu / median(parses, 'cpu')).toFixed(2)} times JSON.parse` : ''
    console.log(
      `${length} days, ${markets} markets: ${cpu.toFixed(2)} s CPU${beside}, ${median(ours, 'memory').toFixed(0)} MB`,
    )
    cpus.push(cpu)
  }
  console.log(`twice the input takes ${(cpus[1] / cpus[0]).toFixed(2)} times as long`)
} finally {
  rmSync(folder, { recursive: true })
}
