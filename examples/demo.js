// `npm run demo`: a raw archive of an hour and a half, rolled up, verified and read back. Everything lies in `.demo/`.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeArchive } from './archive.js'

const root = join(import.meta.dirname, '..')
const archive = join('.demo', 'archive')
const lake = join('.demo', 'lake')

/** @param {string[]} args */
function retrofill(...args) {
  console.log(`\n$ npx retrofill ${args.join(' ')}`)
  const { status } = spawnSync(process.execPath, [join(root, 'dist/bin/main.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

rmSync(join(root, '.demo'), { recursive: true, force: true })
console.log('making a raw archive (seed 42), with lines out of order, delayed and repeated')
const made = makeArchive({
  directory: join(root, archive),
  seed: 42,
  files: 90,
  checks: 250,
  delayed: 0.01,
  repeated: 0.01,
})
console.log(`made ${made.files} files, ${made.lines} lines, ${made.metrics} metrics in ${archive}`)
retrofill('rollup', '--from', archive, '--to', lake, '--granularity', '5m,60m')
retrofill('rollup', '--from', archive, '--to', lake, '--granularity', '5m,60m', '--quiet')
retrofill('status', lake)
retrofill('read', lake, '--granularity', '60m', '--series', '80*15m', '--end-time', '2014-02-14T15:00:00Z')
