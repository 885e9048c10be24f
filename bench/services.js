// How politely and how fast `retrofill backfill` asks a service:
//   npm run build && node bench/services.js [requests]
// The service is a process of its own that speaks SignalFlow and takes 50 ms to answer. First it allows 20 requests a second: how much of that is used, and how
// much refused? Then it refuses none but has 16 workers: how many requests a second come with 1, 4, 16, 64 at once, and with as many as seem right?
// Exits with 1 where less than 0.9 of the limit is used, or 2 % or more are refused, or as many as seem right bring less than 0.8 of the best number.
import { execFile, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const requests = Number(process.argv[2] ?? 1_200)
const latency = 50
const perStretch = 12
const day = 86_400_000
const start = Date.UTC(2010, 0, 1)
const cli = join(import.meta.dirname, '../dist/bin/main.js')

if (process.send) serve()
else await measure()

function serve() {
  let rules = {}
  let seen = []
  const waiting = []
  let busy = 0
  const next = () => {
    while (busy < (rules.workers ?? Number.POSITIVE_INFINITY) && waiting.length > 0) {
      busy++
      waiting.shift()()
    }
  }
  process.on('message', (message) => {
    if (message === 'report') process.send(seen)
    else rules = message
    seen = []
  })
  const server = createServer(async (request, response) => {
    const now = Date.now()
    const isFull = seen.filter((one) => one.isAnswered && one.time > now - 1_000).length >= (rules.perSecond ?? 1e9)
    seen.push({ time: now, isAnswered: !isFull })
    request.resume()
    const place = new Promise((resolve) => waiting.push(resolve))
    next()
    await place
    await sleep(latency)
    busy--
    next()
    if (isFull) return response.writeHead(429).end('{}')
    const time = Number(new URL(request.url, 'http://bench').searchParams.get('start'))
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.end(
      [
        event('metadata', { tsId: 'A', properties: {} }),
        event('data', { data: [{ tsId: 'A', value: 1 }], logicalTimestampMs: time }),
        event('control-message', { event: 'END_OF_CHANNEL' }),
      ].join(''),
    )
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
}

function event(type, data) {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

async function measure() {
  const child = fork(import.meta.filename, process.argv.slice(2))
  const port = await answerOf(child)
  const limited = await ask(child, port, { perSecond: 20 }, 'auto')
  const used = limited.rate / 20
  console.log(`20 requests a second allowed: ${used.toFixed(3)} used, ${(100 * limited.refused).toFixed(2)} % refused`)
  let best = 0
  let last = 0
  for (const concurrency of ['1', '4', '16', '64', 'auto']) {
    const { rate } = await ask(child, port, { workers: 16 }, concurrency)
    best = Math.max(best, rate)
    last = rate
    console.log(
      `16 workers, --concurrency ${concurrency}: ${rate.toFixed(0)} requests a second of ${(16_000 / latency).toFixed(0)}`,
    )
  }
  child.disconnect()
  process.exitCode = used >= 0.9 && limited.refused < 0.02 && last >= 0.8 * best ? 0 : 1
}

async function ask(child, port, rules, concurrency) {
  child.send(rules)
  const folder = await mkdtemp(join(tmpdir(), 'retrofill-bench-'))
  const metrics = Array.from({ length: perStretch }, (_, i) => `m${i}`)
  const end = start + Math.ceil(requests / perStretch) * 5 * day
  const times = [`--start-time=${new Date(start).toISOString()}`, `--end-time=${new Date(end).toISOString()}`]
  const from = ['--from=signalfx', '-o', `endpoint=http://127.0.0.1:${port}`, 'by=', 'resolution=1h']
  const args = ['backfill', ...from, ...times, `--to=${folder}/lake`, '--quiet', `--concurrency=${concurrency}`]
  const env = { ...process.env, SIGNALFX_API_TOKEN: 't' }
  await promisify(execFile)(process.execPath, [cli, ...args, '--verify=none', '--metric', ...metrics], { env })
  await rm(folder, { recursive: true })
  child.send('report')
  const seen = await answerOf(child)
  const answered = seen.filter(({ isAnswered }) => isAnswered)
  const seconds = (answered.at(-1).time - answered[0].time) / 1_000
  return { rate: answered.length / seconds, refused: 1 - answered.length / seen.length }
}

function answerOf(child) {
  return new Promise((resolve) => child.once('message', resolve))
}
