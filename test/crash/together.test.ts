import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { formatTime, hour } from '../../src/time/range.ts'
import { startFakeSwift } from '../fakes/swift.ts'
import { type CliResult, runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { start } from '../support/hand-made.ts'
import { lakeRows } from '../support/lakes.ts'

const root = temporaryFolder()
const archive = join(root, 'archive')
makeArchive({ directory: archive, start, files: 4 * 60 + 70, checks: 5, delayed: 0.02, shuffled: 0.05 })
const names = readdirSync(archive).sort()
const server = await startFakeSwift({ names, content: (name) => readFileSync(join(archive, name)), delay: 5 })
afterAll(() => server.stop())

const rounds = process.env.TORTURE ? 10 : 1
const times = [
  `--start-time=${formatTime(start)}`,
  `--end-time=${formatTime(start + 4 * hour)}`,
  '--after=75m',
  '--quiet',
]

/** Runs a command again and again, killed after a while, until it is left to end. */
async function killed(args: readonly string[], kills: number): Promise<CliResult> {
  for (let kill = 0; kill < kills; kill++) {
    const { child, result } = startCli(args, { env: server.credentials })
    await sleep(500 + Math.random() * 2_000)
    child.kill('SIGKILL')
    await result
  }
  return runCli(args, { env: server.credentials })
}

describe('a download and a rollup that follows it and removes its files', () => {
  for (let round = 0; round < rounds; round++)
    it(`hold the rows of all files at once, both killed at random, round ${round + 1}`, {
      timeout: 240_000,
    }, async () => {
      const [directory, lake, expected] = ['in', 'lake', 'expected'].map((name) => join(root, `${round}-${name}`))
      mkdirSync(directory)
      expect(await runCli(['rollup', '--from', archive, '--to', expected, ...times])).toMatchObject({ code: 0 })
      const limits = ['--max-files=200', '--batch-size=4']
      const [download, rollup] = await Promise.all([
        killed(['download', '--from', 'swift:///c', '--to', directory, ...limits, ...times], 4),
        killed(['rollup', '--from', directory, '--to', lake, '--follow', '--delete-files', ...times], 4),
      ])
      expect(download).toMatchObject({ code: 0, stderr: '' })
      expect(rollup).toMatchObject({ code: 0, stderr: '' })
      expect(await lakeRows(lake)).toEqual(await lakeRows(expected))
      // Nothing is named so late that the files of the last hours could go.
      expect(readdirSync(directory).filter((name) => name.endsWith('.gz')).length).toBeLessThanOrEqual(200)
    })
})
