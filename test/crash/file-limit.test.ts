import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { formatTime, hour } from '../../src/time/range.ts'
import { contentOf, digestsOf, leftOvers, namesBetween, start } from '../download/support.ts'
import { md5 } from '../fakes/swift.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

// The system cuts writes short at such a limit as on a full disk.
const fileLimit = 64

const hint = 'raise the limit on the size of files \\(ulimit -f\\), then run the command again'

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
