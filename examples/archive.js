// Makes a raw archive as Blueflood's ingestion leaves it: gzip files of one JSON check a line. The same seed gives the same files.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/**
 * @typedef {object} ArchiveOptions
 * @property {string} directory made where it is missing
 * @property {number} [seed]
 * @property {number} [start] the time of the first file's first points, ms
 * @property {number} [files] how many minutes, a file each
 * @property {number} [checks] how many checks report once a minute
 * @property {number} [chunks] files a minute is cut into
 * @property {number} [delayed] share of lines that arrive up to an hour late
 * @property {number} [repeated] share of lines that arrive again, with other values, in the next file
 * @property {number} [shuffled] share of lines that stand before their neighbour
 * @property {boolean} [odd] among the values: negative, huge, beyond 2^53, text, NaN
 */

/** Shapes of checks: type, and the metrics with their type codes. Together they make 6.5 metrics a check. */
const shapes = [
  ['agent.load_average', ['1m', '5m', '15m'], 110],
  [
    'agent.cpu',
    [
      'usage_average',
      'user_percent_average',
      'sys_percent_average',
      'wait_percent_average',
      'idle_percent_average',
      'irq_percent_average',
      'min_cpu_usage',
      'max_cpu_usage',
    ],
    110,
  ],
  [
    'agent.memory',
    [
      'total',
      'free',
      'used',
      'actual_free',
      'actual_used',
      'ram',
      'swap_total',
      'swap_free',
      'swap_used',
      'swap_page_in',
      'swap_page_out',
    ],
    76,
  ],
  [
    'agent.disk',
    ['reads', 'writes', 'read_bytes', 'write_bytes', 'rtime', 'wtime', 'qtime', 'time', 'service_time', 'queue'],
    108,
  ],
  ['agent.filesystem', ['total', 'free', 'used', 'avail', 'files', 'free_files', 'options'], 76],
  ['agent.network', ['rx_bytes', 'rx_packets', 'rx_errors', 'tx_bytes', 'tx_packets', 'tx_errors'], 108],
  ['remote.http', ['duration', 'tt_connect', 'tt_firstbyte', 'bytes', 'truncated'], 105],
  ['remote.ping', ['minimum', 'maximum', 'average', 'count'], 110],
  ['remote.dns', ['rtt'], 105],
]
const units = ['UNKNOWN', 'BYTES', 'PERCENT', 'MILLISECONDS']

/** @param {ArchiveOptions} options @returns {{ files: number, lines: number, metrics: number, bytes: number }} */
export function makeArchive({
  directory,
  seed = 1,
  start = Date.UTC(2014, 1, 14, 14),
  files = 30,
  checks = 50,
  chunks = 1,
  delayed = 0,
  repeated = 0,
  shuffled = 0.08,
  odd = false,
}) {
  const random = generator(seed)
  const world = Array.from({ length: checks }, (_, i) => makeCheck(i, random))
  /** @type {string[][]} */
  const lines = Array.from({ length: files }, () => [])
  const total = { files: 0, lines: 0, metrics: 0, bytes: 0 }
  mkdirSync(directory, { recursive: true })
  for (let file = 0; file < files; file++) {
    for (const check of world) {
      const line = makeLine(check, start + file * 60_000 + check.phase, { random, odd })
      const late = delayed > 0 && random() < delayed ? Math.ceil(random() * 60) : 0
      lines[file + late]?.push(line)
      if (repeated > 0 && random() < repeated)
        lines[file + 1]?.push(makeLine(check, start + file * 60_000 + check.phase, { random, odd }))
      total.lines++
      total.metrics += check.metrics.length
    }
    swapNeighbours(lines[file], shuffled, random)
    const flushed = start + (file + 1) * 60_000 + 5_233
    const size = Math.ceil(lines[file].length / chunks)
    for (let chunk = 0; chunk < chunks; chunk++) {
      const text = lines[file].slice(chunk * size, (chunk + 1) * size).join('')
      const name = `${new Date(flushed).toISOString().slice(0, 10).replaceAll('-', '')}_${flushed}_${chunk}.json.gz`
      const bytes = gzipSync(text, { level: 6 })
      writeFileSync(join(directory, name), bytes)
      total.files++
      total.bytes += bytes.length
    }
    lines[file] = []
  }
  return total
}

/** @param {number} index @param {() => number} random */
function makeCheck(index, random) {
  const [type, names, code] = shapes[index % shapes.length]
  const hex = (/** @type {number} */ length) =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
  return {
    account: `ac${hex(8)}`,
    tenant: String(800_000 + Math.floor(random() * 100_000)),
    entity: `en${hex(8)}`,
    check: `ch${hex(8)}`,
    type: /** @type {string} */ (type),
    zone: String(type).startsWith('remote') ? 'mzord' : null,
    metrics: /** @type {string[]} */ (names),
    code: /** @type {number} */ (code),
    unit: units[index % units.length],
    phase: Math.floor(random() * 60_000),
    level: random() * 1_000,
  }
}

/** @param {ReturnType<typeof makeCheck>} check @param {number} time @param {{ random: () => number, odd: boolean }} how */
function makeLine(check, time, { random, odd }) {
  const metrics = check.metrics.map((name) => `${JSON.stringify(name)}:${makeMetric(check, name, { random, odd })}`)
  const { account, tenant, entity, type, zone } = check
  const text = (/** @type {string | null} */ value) => (value === null ? 'null' : `"${value}"`)
  return `{"version":1,"id":null,"timestamp":${time},"accountId":"${account}","tenantId":"${tenant}","entityId":"${entity}","checkId":"${check.check}","dimensionKey":null,"target":null,"checkType":"${type}","monitoringZoneId":${text(zone)},"collectorId":null,"available":true,"metrics":{${metrics.join(',')}}}\n`
}

/** @param {ReturnType<typeof makeCheck>} check @param {string} name @param {{ random: () => number, odd: boolean }} how */
function makeMetric({ code, level, unit }, name, { random, odd }) {
  const value = level * (0.5 + random())
  if (name === 'options') return metric({ code: 115, text: '"rw,relatime"', unit })
  if (odd && random() < 0.05) return metric({ code, ...oddValue(code, random), unit })
  if (code === 110) return metric({ code, double: String(Math.round(value * 1_000) / 1_000), unit })
  if (code === 105) return metric({ code, int32: String(Math.floor(value)), unit })
  return metric({ code, int64: String(Math.floor(value * 1_000_000)), unit })
}

/** @param {number} code @param {() => number} random */
function oddValue(code, random) {
  const pick = (/** @type {string[]} */ values) => values[Math.floor(random() * values.length)]
  if (code === 110)
    return { double: pick(['-273.15', '1e300', '-1e-300', '0', '-0.0', '2e-06', '123456789.123456789', 'NaN']) }
  if (code === 105) return { int32: pick(['-2147483648', '2147483647', '0', '-1']) }
  return {
    int64: pick([
      '-5',
      '0',
      '9007199254740992',
      '"9007199254740993"',
      '"9223372036854775807"',
      '"-9223372036854775808"',
      '1e30',
    ]),
  }
}

/** @param {{ code: number, double?: string, int64?: string, int32?: string, text?: string, unit: string }} fields */
const metric = ({ code, double = '0', int64 = '0', int32 = '0', text = 'null', unit }) =>
  `{"metricType":${code},"valueDbl":${double},"valueI64":${int64},"valueI32":${int32},"valueBool":false,"valueStr":${text},"unitEnum":"${unit}","unitOtherStr":null}`

/** @param {string[]} lines @param {number} share @param {() => number} random */
function swapNeighbours(lines, share, random) {
  for (let i = 1; i < lines.length; i++) if (random() < share) [lines[i - 1], lines[i]] = [lines[i], lines[i - 1]]
}

/** Mulberry32: small, quick and good enough for fake data. @param {number} seed */
export function generator(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
