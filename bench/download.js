// How fast `retrofill download` is beside the simplest loop that fetches the same files at the same concurrency:
//   npm run build && node bench/download.js [files] [bytes]
// The server is a process of its own. The two take turns; the medians are compared. Object stores take tens of milliseconds to the first
// byte, so this one waits 30 ms; without any, the cost of what the loop does not do shows: digests and waiting for the disk.
// Exits with 1 below 0.9 with the latency.
import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const files = Number(process.argv[2] ?? 500)
const bytes = Number(process.argv[3] ?? 600_000)
const concurrency = 5
const rounds = 5
const latencies = [30, 0]
const start = Date.UTC(2014, 1, 26)
const names = Array.from({ length: files }, (_, i) => `20140226_${start + 60_000 * i}.json.gz`)

if (process.send) serve()
else await compare()

function serve() {
  const content = randomBytes(bytes)
  let latency = 0
  process.on('message', (ms) => {
    latency = ms
  })
  const etag = createHash('md5').update(content).digest('hex')
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://bench')
    if (url.pathname === '/auth/v1.0')
      response.writeHead(200, { 'X-Storage-Url': `http://${request.headers.host}/v1`, 'X-Auth-Token': 'token' }).end()
    else if (url.searchParams.has('format')) {
      const marker = url.searchParams.get('marker') ?? ''
      response.end(JSON.stringify(names.filter((name) => name > marker).map((name) => ({ name, bytes, hash: etag }))))
    } else {
      const answer = () => response.writeHead(200, { 'Content-Length': bytes, ETag: etag }).end(content)
      if (latency > 0) setTimeout(answer, latency)
      else answer()
    }
  })
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
}

async function compare() {
  const child = fork(import.meta.filename, process.argv.slice(2))
  const port = await new Promise((resolve) => child.once('message', resolve))
  console.log(`${files} files of ${bytes} bytes, ${concurrency} at once, median of ${rounds}`)
  for (const latency of latencies) {
    child.send(latency)
    const ratio = await race(port, latency)
    if (latency > 0) process.exitCode = ratio >= 0.9 ? 0 : 1
  }
  child.disconnect()
}

async function race(port, latency) {
  const times = { loop: [], retrofill: [] }
  for (let round = 0; round < rounds; round++) {
    times.loop.push(await timed((folder) => loop(port, folder)))
    times.retrofill.push(await timed((folder) => retrofill(port, folder)))
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]
  const ratio = median(times.loop) / median(times.retrofill)
  const rate = (ms) => `${Math.round(ms)} ms, ${((files * bytes) / ms / 1000).toFixed(0)} MB/s`
  console.log(`first byte after ${latency} ms`)
  console.log(`  simplest loop  ${rate(median(times.loop))}`)
  console.log(`  retrofill      ${rate(median(times.retrofill))}`)
  console.log(`  ratio          ${ratio.toFixed(2)}${latency > 0 ? ' (at least 0.9 is wanted)' : ''}`)
  return ratio
}

async function timed(run) {
  const folder = await mkdtemp(join(tmpdir(), 'retrofill-bench-'))
  const began = performance.now()
  await run(folder)
  const ms = performance.now() - began
  await rm(folder, { recursive: true })
  return ms
}

async function loop(port, folder) {
  const queue = names.values()
  const worker = async () => {
    for (const name of queue) {
      const response = await new Promise((resolve, reject) =>
        get(`http://127.0.0.1:${port}/v1/c/${name}`, resolve).on('error', reject),
      )
      await pipeline(response, createWriteStream(join(folder, name)))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

async function retrofill(port, directory) {
  const { openBucket } = await import('../dist/bucket/open.js')
  const { download } = await import('../dist/download/download.js')
  const { withDigests } = await import('../dist/download/digest-thread.js')
  const { period } = await import('../dist/download/period.js')
  const { systemClock } = await import('../dist/util/clock.js')
  const credentials = { ST_AUTH: `http://127.0.0.1:${port}/auth/v1.0`, ST_USER: 'user', ST_KEY: 'key' }
  const options = {
    bucket: openBucket('swift:///c', { credentials }),
    directory,
    period: period({ range: { start, end: start + files * 60_000 } }),
    batchSize: concurrency,
    retries: 3,
    clock: systemClock,
    notify: console.error,
    progress: { expect: () => {}, advance: () => {} },
  }
  const report = await withDigests((md5Of) => download({ ...options, md5Of }))
  if (report.fetched !== files) throw new Error(`fetched ${report.fetched} of ${files}`)
}
