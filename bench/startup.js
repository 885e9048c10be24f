/**
 * What commands cost before they do anything: milliseconds more than an empty Node process, and how many times as long. Programs are
 * run in turn; figures are medians, with the least beside them, which a busy machine disturbs less. Run `npm run build` first.
 *
 *     node bench/startup.js [rounds=25]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const [rounds = 25] = process.argv.slice(2).map(Number)
const main = join(import.meta.dirname, '../dist/bin/main.js')
// Node reads the certificates that this variable names at its start, whatever it runs.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

const empty = 'empty process'
/** @type {Record<string, string[]>} */
const programs = {
  [empty]: ['--input-type=module', '-e', ''],
  'retrofill --help': [main, '--help'],
  'retrofill rollup --help': [main, 'rollup', '--help'],
  'retrofill simulate --help': [main, 'simulate', '--help'],
}

/** @param {string[]} args */
function measure(args) {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, args, { env, stdio: 'ignore' })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return performance.now() - start
}

/** @type {Map<string, number[]>} */
const times = new Map(Object.keys(programs).map((name) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const [name, args] of Object.entries(programs)) {
    const time = measure(args)
    // The first round only warms the caches up.
    if (round > 0) times.get(name)?.push(time)
  }
}

const sorted = (/** @type {string} */ name) => [...(times.get(name) ?? [])].sort((a, b) => a - b)
const median = (/** @type {string} */ name) => sorted(name)[rounds >> 1]
const least = (/** @type {string} */ name) => sorted(name)[0]
for (const name of times.keys()) {
  const more = `${(median(name) - median(empty)).toFixed(0)} ms more (at least ${(least(name) - least(empty)).toFixed(0)})`
  const ratio = `${(median(name) / median(empty)).toFixed(2)} × empty`
  console.log(
    `${name.padEnd(25)}  ${median(name).toFixed(0)} ms  ${name === empty ? '' : `${more}, ${ratio}`}`.trimEnd(),
  )
}
