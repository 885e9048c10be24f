/**
 * Points a second of generate-data, and the memory it takes, against a plain Python loop that makes the same draws and writes by json and
 * gzip, and against a Python loop that does for each point what Clusterman did, with its libraries, where a Python that has them is named:
 *
 *     python3 -m venv venv && venv/bin/pip install arrow==0.17.0 jsonpickle==1.4.2
 *     npm run build && node bench/generate.js [points=10000000] [venv/bin/python]
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const points = Number(process.argv[2] ?? 10_000_000)
const original = process.argv[3]
const directory = mkdtempSync(join(tmpdir(), 'retrofill-bench-'))
const main = join(import.meta.dirname, '../dist/bin/main.js')
const start = Date.UTC(2017, 0, 1)

/** Arrivals every ten seconds on average, uniform values: two functions of Python's random for each point. */
function writeDesign(count) {
  const path = join(directory, `design-${count}.yaml`)
  const end = new Date(start + count * 10_000).toISOString()
  writeFileSync(
    path,
    `app_metrics:
  runs:
    start_time: "${new Date(start).toISOString()}"
    end_time: "${end}"
    frequency: {distribution: expovariate, params: {lambd: 0.1}}
    values: {distribution: uniform, params: {a: 0, b: 100}}
`,
  )
  return path
}

const python = `
import datetime, gzip, json, random, sys
count, path = int(sys.argv[1]), sys.argv[2]
random.seed("1/app_metrics/runs")
start, end, elapsed, points = datetime.datetime(2017, 1, 1, tzinfo=datetime.timezone.utc), count * 10, 0.0, []
while elapsed < end:
    time = start + datetime.timedelta(milliseconds=int(elapsed * 1000))
    points.append([time.isoformat(), random.uniform(a=0, b=100)])
    elapsed += random.expovariate(lambd=0.1)
with gzip.open(path, 'wt') as file:
    file.write(json.dumps({'app_metrics': {'runs': points}}))
print(len(points))
`

/** Clusterman's loop: an arrow time that is moved on for each point, and jsonpickle's encoding of it. */
const clusterman = `
import arrow, gzip, jsonpickle, random, sys
count, path = int(sys.argv[1]), sys.argv[2]
random.seed("1")
time, points = arrow.get('2017-01-01T00:00:00+00:00'), []
end = time.shift(seconds=count * 10)
while time < end:
    points.append((time, random.uniform(a=0, b=100)))
    time = time.shift(seconds=int(random.expovariate(lambd=0.1)) + 1)
with gzip.open(path, 'wb') as file:
    file.write(jsonpickle.encode({'app_metrics': {'runs': points}}).encode())
print(len(points))
`

/** Runs a command to its end; its largest resident memory is read from /proc while it runs. */
async function measure(command, args) {
  const started = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let peak = 0
  const timer = setInterval(() => {
    try {
      peak = Math.max(
        peak,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
      )
    } catch {}
  }, 20)
  let text = ''
  for await (const piece of child.stdout) text += piece
  const code = child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve)))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${command} ended with ${code}`)
  return { seconds: (performance.now() - started) / 1_000, peak, text }
}

function report(name, count, { seconds, peak }, file) {
  const rate = Math.round(count / seconds).toLocaleString('en')
  const size = (statSync(file).size / 1e6).toFixed(0)
  console.log(
    `${name.padEnd(12)} ${count.toLocaleString('en').padStart(12)} points ${seconds.toFixed(1).padStart(7)} s ${rate.padStart(10)} points/s ${peak.toFixed(0).padStart(6)} MB  file ${size} MB`,
  )
  return count / seconds
}

try {
  const output = join(directory, 'metrics.json.gz')
  const rates = []
  for (const count of [Math.ceil(points / 10), points]) {
    rmSync(output, { force: true })
    const run = await measure(process.execPath, [
      main,
      'generate-data',
      '--input',
      writeDesign(count),
      '--output',
      output,
      '--seed',
      '1',
      '--quiet',
    ])
    rates.push(report('retrofill', count, run, output))
  }
  const against = async (name, [command, script], count) => {
    const theirs = join(directory, 'theirs.json.gz')
    const run = await measure(command, ['-c', script, String(count), theirs])
    const rate = report(name, Number(run.text), run, theirs)
    console.log(`retrofill makes ${(rates[1] / rate).toFixed(1)} times the points per second of ${name}`)
  }
  await against('python3', ['python3', python], Math.ceil(points / 10))
  if (original) await against('Clusterman', [original, clusterman], Math.ceil(points / 100))
  execFileSync('gzip', ['--test', output])
} finally {
  rmSync(directory, { recursive: true })
}
