import { afterAll, describe, expect, it } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { download } from '../../src/download/download.ts'
import { period } from '../../src/download/period.ts'
import { hour } from '../../src/time/range.ts'
import { systemClock } from '../../src/util/clock.ts'
import { startFakeSwift } from '../fakes/swift.ts'
import { contentOf, emptyFolder, namesBetween, optionsOf, start } from './support.ts'

const seconds = process.env.TORTURE ? 60 : 20
const allowed = 10

describe('a server that answers ten requests a second', () => {
  it('refuses at most 5 % after the first ten seconds', { timeout: 120_000 }, async () => {
    const names = namesBetween(0, seconds * allowed)
    const server = await startFakeSwift({ names, content: contentOf, maxPerSecond: allowed })
    afterAll(() => server.stop())
    const bucket = openBucket('swift:///container', { credentials: server.credentials })
    const week = period({ range: { start, end: start + 168 * hour } })
    const stop = AbortSignal.timeout(seconds * 1000)
    const options = optionsOf({
      bucket,
      directory: await emptyFolder(),
      batchSize: 16,
      period: week,
      clock: systemClock,
      signal: stop,
    })
    await download(options).catch((error) => expect(error).toBe(stop.reason))

    const late = server.requests.filter(({ time }) => time > server.requests[0].time + 10_000)
    const refused = late.filter(({ status }) => status === 429)
    expect(refused.length / late.length).toBeLessThanOrEqual(0.05)
    expect(late.length / (seconds - 10)).toBeGreaterThan(0.7 * allowed)
  })
})
