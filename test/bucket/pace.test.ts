import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type Bucket, Transient } from '../../src/bucket/bucket.ts'
import { pacemaker, slowed } from '../../src/bucket/pace.ts'
import { fromPages } from '../../src/bucket/pages.ts'
import { fakeClock } from '../fakes/clock.ts'
import { scriptedBucket } from '../fakes/pages.ts'

describe('the pace of requests', () => {
  it('never passes the limit', async () => {
    const clock = fakeClock()
    const pace = pacemaker({ maxPerSecond: 20, clock })
    const starts: number[] = []
    await Promise.all(Array.from({ length: 50 }, () => pace.run(async () => void starts.push(clock.now()))))
    expect(starts).toEqual(Array.from({ length: 50 }, (_, i) => 50 * i))
  })

  it('does not space requests of a server that refuses none', async () => {
    const clock = fakeClock()
    const pace = pacemaker({ clock })
    await Promise.all(Array.from({ length: 50 }, () => pace.run(async () => undefined)))
    expect(clock.now()).toBe(0)
  })

  it('lets nobody ask before a Retry-After is over', async () => {
    const clock = fakeClock()
    const pace = pacemaker({ clock })
    await expect(pace.run(() => Promise.reject(new Transient('throttled', '', { retryAfter: 5000 })))).rejects.toThrow()
    await pace.run(async () => expect(clock.now()).toBeGreaterThanOrEqual(5000))
  })

  for (const limit of [2, 10, 100])
    it(`is refused at most 5 % of the time after ten seconds, where ${limit} requests a second are allowed`, async () => {
      const clock = fakeClock()
      const pace = pacemaker({ clock })
      const server = allowing(limit, clock)
      const worker = async () => {
        while (clock.now() < 120_000) await pace.run(() => server.request()).catch(() => clock.sleep(300))
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      const { accepted, refused } = server.after(10_000)
      expect(refused / (accepted + refused)).toBeLessThanOrEqual(0.05)
      expect(accepted).toBeGreaterThan(0.75 * limit * 110)
    })

  it('grows again after a passing refusal', async () => {
    const clock = fakeClock()
    const pace = pacemaker({ clock })
    const ask = () => pace.run(() => clock.sleep(10))
    await Promise.all(Array.from({ length: 8 }, ask))
    await expect(pace.run(() => Promise.reject(new Transient('throttled', '')))).rejects.toThrow()
    while (clock.now() < 60_000) await ask()
    const before = clock.now()
    for (let i = 0; i < 100; i++) await ask()
    expect(clock.now() - before).toBeLessThan(2000)
  })
})

/** A server that answers `limit` requests in each sliding second, after 20 ms each, and refuses the others. */
function allowing(limit: number, clock: ReturnType<typeof fakeClock>) {
  const accepted: number[] = []
  const refused: number[] = []
  return {
    async request() {
      const now = clock.now()
      const isFull = accepted.filter((time) => time > now - 1000).length >= limit
      ;(isFull ? refused : accepted).push(now)
      await clock.sleep(20)
      if (isFull) throw new Transient('throttled', 'too many requests')
    },
    after(time: number) {
      const count = (times: number[]) => times.filter((other) => other >= time).length
      return { accepted: count(accepted), refused: count(refused) }
    },
  }
}

describe('the rate of bytes', () => {
  it('is kept over all objects together', async () => {
    const clock = fakeClock()
    const bucket = slowed(fromPages(scriptedBucket(Buffer.alloc(10_000), [])), 1000, clock)
    await Promise.all([1, 2, 3].map(async () => buffer((await bucket.get('object')).stream)))
    expect(clock.now()).toBe(30_000)
  })

  it('lets go of an object that is left before its first byte', async () => {
    const left: unknown[] = []
    const get: Bucket['get'] = async () => {
      return { stream: new ReadableStream({ cancel: (why) => void left.push(why) }), size: 1, etag: '' }
    }
    const { stream } = await slowed({ get }, 1000, fakeClock()).get('object')
    await stream.cancel('enough')
    expect(left).toEqual(['enough'])
  })
})
