import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { formatTime, hour } from '../../src/time/range.ts'
import { contentOf, digestsOf, leftOvers, namesBetween, start } from '../download/support.ts'
import { md5 } from '../fakes/swift.ts'
import { type CliResult, main, runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, leftovers } from '../support/lakes.ts'

// The system cuts writes short at such a limit as on a full disk.
const fileLimit = 64

const hint = 'raise the limit on the size of files \\(ulimit -f\\), then run the command again'

const cut = {
  status: 1,
  stderr: expect.stringMatching(new RegExp(`^error: file too large: write standard output\n  ${hint}\n$`)),
}

function expectTooLarge({ code, stderr }: CliResult, path: string): void {
  expect(code, stderr).toBe(1)
  expect(stderr).toMatch(new RegExp(`^error: file too large: write ${path}\n  ${hint}$`, 'm'))
}

it('a download of files that may not grow to their size says so, keeps none of them, and goes on without the limit', async () => {
  const [from, to] = [temporaryFolder(), temporaryFolder()]
  const names = namesBetween(0, 3)
  for (const name of names) writeFileSync(join(from, name), contentOf(name, 100_000))
  const times = ['--start-time', formatTime(start), '--end-time', formatTime(start + hour)]
  const args = ['download', '--from', from, '--to', to, ...times, '--quiet']

  expectTooLarge(await runCli(args, { fileLimit }), `${to}/\\S+\\.part`)
  expect(await digestsOf(to)).toEqual({})
  expect(readdirSync(to)).not.toContain('.complete.json')

  expect(await runCli(args)).toMatchObject({ code: 0, stderr: '' })
  expect(await digestsOf(to)).toEqual(Object.fromEntries(names.map((name) => [name, md5(contentOf(name, 100_000))])))
  expect(await leftOvers(to)).toEqual([])
})

it('data generated into a lake whose points may not be kept on the way is refused, and made without the limit', async () => {
  const cwd = temporaryFolder()
  const metric = 'start_time: 2017-12-01T08:00:00Z, end_time: 2017-12-01T09:00:00Z, frequency: 1s, values: 7'
  writeFileSync(join(cwd, 'design.yaml'), `runs: {${metric}}`)
  const args = ['generate-data', '-i', 'design.yaml', '--to', 'lake', '--seed', '1', '--quiet']

  expectTooLarge(await runCli(args, { cwd, fileLimit }), 'lake/\\S+/points')
  expect(lakeFiles(join(cwd, 'lake'))).toEqual([])

  expect(await runCli(args, { cwd })).toMatchObject({ code: 0, stderr: '' })
  expect(await valuesOf(join(cwd, 'lake'))).toEqual(Array(3600).fill(7))
  expect(leftovers(join(cwd, 'lake'))).toEqual([])
})

it('a backfill whose points may not be kept on the way says so, keeps none of them, and goes on without the limit', async () => {
  const cwd = temporaryFolder()
  const times = Array.from({ length: 2_000 }, (_, i) => start + i * 1000)
  const stdin = times.map((time) => JSON.stringify({ series: 's', time: formatTime(time), value: 7 })).join('\n')
  const range = ['--start-time', formatTime(start), '--end-time', formatTime(start + hour)]
  const args = ['backfill', '--from', '-', '--to', 'm.json.gz', ...range, '--quiet']

  expectTooLarge(await runCli(args, { cwd, stdin, fileLimit }), 'm.json.gz.retrofill/\\S+\\.points')
  expect(readdirSync(cwd)).toEqual(['m.json.gz.retrofill'])

  expect(await runCli(args, { cwd, stdin })).toMatchObject({ code: 0 })
  expect(await valuesOf(join(cwd, 'm.json.gz'))).toEqual(Array(2_000).fill(7))
})

it('rows read into a file that may not hold them all are said to be cut', () => {
  const cwd = temporaryFolder()
  const points = Array.from({ length: 2_000 }, (_, i) => [formatTime(start + i * 1000), 7])
  writeFileSync(join(cwd, 'm.json.gz'), gzipSync(JSON.stringify({ app_metrics: { s: points } })))
  expect(intoFile(['read', 'm.json.gz', '--granularity=full', '--output=csv'], { cwd, limit: fileLimit })).toEqual(cut)
})

it.each(['--help', '--version'])('a file that may not hold %s is said to be cut', (flag) => {
  expect(intoFile([flag], { cwd: temporaryFolder(), limit: 0 })).toEqual(cut)
})

function intoFile(command: readonly string[], { cwd, limit }: { cwd: string; limit: number }) {
  const script = `ulimit -f ${limit} && exec "$0" "$@" > out`
  const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath, main, ...command], {
    cwd,
    encoding: 'utf8',
  })
  return { status, stderr }
}

async function valuesOf(store: string): Promise<unknown[]> {
  const { stdout } = await runCli(['read', store, '--granularity=full', '--output=ndjson'])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).value)
}
