import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { formatTime, hour } from '../../src/time/range.ts'
import { contentOf, digestsOf, emptyFolder, leftOvers, namesBetween, start } from '../download/support.ts'
import { type FakeRequest, md5, startFakeSwift } from '../fakes/swift.ts'
import { startCli } from '../support/cli.ts'

const names = namesBetween(0, 40)
const size = 300_000
const batchSize = 4
const rounds = process.env.TORTURE ? 20 : 2
const kills = process.env.TORTURE ? 12 : 5

describe('a download that is killed at random moments', () => {
  for (let round = 0; round < rounds; round++)
    it(`ends with the same files, and fetches few again, round ${round + 1}`, { timeout: 120_000 }, async () => {
      const server = await startFakeSwift({ names, content: (name) => contentOf(name, size), delay: 20 })
      afterAll(() => server.stop())
      const directory = await emptyFolder()
      const times = ['--start-time', formatTime(start), '--end-time', formatTime(start + hour)]
      const args = [
        'download',
        '--from',
        'swift:///container',
        '--to',
        directory,
        ...times,
        '--batch-size',
        `${batchSize}`,
        '--quiet',
      ]
      for (let kill = 0; kill < kills; kill++) {
        const { child, result } = startCli(args, { env: server.credentials })
        const before = server.requests.length
        while (server.requests.length === before && child.exitCode === null) await sleep(5)
        await sleep(Math.random() * 400)
        child.kill('SIGKILL')
        await result
      }
      const last = await startCli(args, { env: server.credentials }).result
      expect(last).toMatchObject({ code: 0, stderr: '' })
      expect(await digestsOf(directory)).toEqual(
        Object.fromEntries(names.map((name) => [name, md5(contentOf(name, size))])),
      )
      expect(await leftOvers(directory)).toEqual([])
      const gets = server.requests.filter(({ name }) => name !== '')
      expect(overlaps(gets)).toBeLessThanOrEqual(kills * batchSize)
      expect(gets.length).toBeGreaterThan(names.length)
    })
})

/** How often a request asked for bytes that were on their way before. */
function overlaps(requests: readonly FakeRequest[]): number {
  const reached = new Map<string, number>()
  let count = 0
  for (const { name, from, sent } of requests) {
    const before = reached.get(name) ?? 0
    if (from < before) count++
    reached.set(name, Math.max(before, from + sent))
  }
  return count
}
