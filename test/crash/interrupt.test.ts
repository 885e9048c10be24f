import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, lakeRows, leftovers } from '../support/lakes.ts'

const root = temporaryFolder()
const from = join(root, 'archive')
let expected: Record<string, string>

const rollup = (to: string, ...more: string[]) => ['rollup', '--from', from, '--to', to, '--quiet', ...more]

beforeAll(async () => {
  makeArchive({ directory: from, start: Date.UTC(2014, 1, 14, 10), files: 480, checks: 1, delayed: 0.01 })
  const to = join(root, 'undisturbed')
  expect(await runCli(rollup(to))).toMatchObject({ code: 0 })
  expected = await lakeRows(to)
})

/** The command line that a run says is to be given to go on. */
function commandToGoOn(stderr: string): string[] {
  const [, command] = /^to go on: {2}retrofill (.*)$/m.exec(stderr) ?? []
  expect(command, stderr).toBeDefined()
  return String(command).split(' ')
}

it.each([
  ['SIGINT', '--workers=2', '--batch-size=16'],
  ['SIGTERM', '--workers=2', '--batch-size=4'],
  ['SIGINT', '--workers=0', '--batch-size=4'],
] as const)(
  'a run ends in order on %s, with %s and %s, and the command that it prints finishes it',
  async (signal, ...flags) => {
    const to = join(root, `lake-${signal}${flags.join('')}`)
    const { child, result } = startCli(rollup(to, ...flags))
    while (!existsSync(to) || lakeFiles(to).length === 0) await sleep(5)
    const sentAt = Date.now()
    child.kill(signal)
    const { code, stderr } = await result
    expect({ code, stderr }).toMatchObject({ code: 6 })
    expect(Date.now() - sentAt).toBeLessThan(15_000)
    expect(stderr).toContain('interrupted: what is done is durable, nothing is half made')
    expect(leftovers(to)).toEqual([])
    expect(readdirSync(join(to, '_retrofill')).filter((name) => name.startsWith('lock'))).toEqual([])
    for (const [name, digest] of Object.entries(await lakeRows(to)).slice(1))
      expect([name, digest]).toEqual([name, expected[name]])

    const command = commandToGoOn(stderr)
    expect(command).toEqual(
      expect.arrayContaining(['--start-time=2014-02-13T00:00:00Z', '--end-time=2014-02-15T00:00:00Z']),
    )
    expect(await runCli(command)).toMatchObject({ code: 0 })
    expect(await lakeRows(to)).toEqual(expected)
  },
)

it('a second run is refused while a first one holds the lake', async () => {
  const to = join(root, 'contended')
  const first = startCli(rollup(to))
  while (!existsSync(join(to, '_retrofill', 'lock'))) await sleep(5)
  const { code, stderr } = await runCli(rollup(to))
  expect({ code, stderr }).toMatchObject({
    code: 7,
    stderr: expect.stringContaining(`process ${first.child.pid} on host`),
  })
  expect(await first.result).toMatchObject({ code: 0 })
  expect(await lakeRows(to)).toEqual(expected)
})
