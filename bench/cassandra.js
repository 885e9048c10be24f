// How fast rollups are written into Cassandra, beside a bare loop of the same prepared inserts at concurrency 64 and 256:
//   npm run build && node bench/cassandra.js HOST:PORT [rows]
// The server is one that is running already, warm, with a periodic commit log; a keyspace "Bench" is made in it. The three take turns; the
// medians are compared. Exits with 1 below 0.9 of the faster loop.
import driver from 'cassandra-driver'
import { allocateRollups } from '../dist/metric/rollups.js'
import { rollupEncoder } from '../dist/store/cassandra/rollup-codec.js'
import { openCassandra } from '../dist/store/cassandra/store.js'
import { parseCassandraUrl } from '../dist/store/cassandra/url.js'
import { min5 } from '../dist/time/granularity.js'
import { forEach } from '../dist/util/concurrency.js'

const host = process.argv[2] ?? '127.0.0.1:9042'
const rowCount = Number(process.argv[3] ?? 50_000)
const rounds = 5
const slots = 12
const start = Date.UTC(2014, 1, 14)
const insertion = 'INSERT INTO "Bench".metrics_5m (key, column1, value) VALUES (?, ?, ?) USING TTL ?'

const rows = makeRows(rowCount)
const url = parseCassandraUrl(`cassandra://${host}/Bench`)
const login = { user: process.env.CASSANDRA_USERNAME, password: process.env.CASSANDRA_PASSWORD }
const store = await openCassandra(url, { ...login, createSchema: true, locators: false })
const client = new driver.Client({
  contactPoints: [host],
  localDataCenter: url.dataCentre,
  credentials: login.user ? { username: login.user, password: login.password } : undefined,
  queryOptions: { consistency: driver.types.consistencies.localQuorum, isIdempotent: true },
})

/** @type {Record<string, () => Promise<unknown>>} */
const contestants = {
  retrofill: () => store.patch({ granularity: min5, rows, gone: allocateRollups(0, []) }),
  'loop of 64': () => bareLoop(64),
  'loop of 256': () => bareLoop(256),
}
/** @type {Map<string, number[]>} */
const results = new Map(Object.keys(contestants).map((name) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of Object.entries(contestants)) {
    const startedAt = performance.now()
    await run()
    const seconds = (performance.now() - startedAt) / 1_000
    // The first round warms up.
    if (round > 0) results.get(name)?.push(seconds)
    console.error(`round ${round}  ${name.padEnd(11)}  ${seconds.toFixed(2)} s`)
  }
}
await client.shutdown()
await store[Symbol.asyncDispose]()

const median = (/** @type {string} */ name) => [...(results.get(name) ?? [])].sort((a, b) => a - b)[rounds >> 1]
for (const name of results.keys())
  console.log(`${name.padEnd(11)}  ${median(name).toFixed(2)} s  ${Math.round(rowCount / median(name))} rows/s`)
const share = Math.min(median('loop of 64'), median('loop of 256')) / median('retrofill')
console.log(`retrofill reaches ${share.toFixed(2)} of the faster loop`)
process.exitCode = share >= 0.9 ? 0 : 1

/** What is simplest: a value at a time, each an insert of its own. @param {number} limit */
async function bareLoop(limit) {
  const encode = rollupEncoder(rows)
  const numbers = Array.from({ length: rows.length }, (_, row) => row)
  await forEach(numbers, { limit }, async (row) => {
    const values = [rows.dictionary[rows.series[row]], rows.time[row], encode(row), 864_000]
    await client.execute(insertion, values, { prepare: true })
  })
}

/** Rows of an hour, series by series. @param {number} length */
function makeRows(length) {
  const tenant = '898450.rackspace.monitoring.entities.enC6anIcNY.checks.agent.load_average.chOdIdiZu0'
  const dictionary = Array.from(
    { length: Math.ceil(length / slots) },
    (_, s) => `${tenant}.${String(s).padStart(6, '0')}`,
  )
  const batch = allocateRollups(length, dictionary)
  for (let row = 0; row < length; row++) {
    batch.series[row] = Math.floor(row / slots)
    batch.time[row] = start + (row % slots) * min5.size
    batch.count[row] = 10
    for (const name of /** @type {const} */ (['sum', 'mean', 'variance', 'min', 'max'])) batch[name][row] = row / 7
  }
  return batch
}
