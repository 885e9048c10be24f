import { describe, expect, it } from 'vitest'
import { Transient } from '../../src/bucket/bucket.ts'
import { type CallerOptions, caller } from '../../src/bucket/caller.ts'
import { forEach, turnstile } from '../../src/util/concurrency.ts'
import { fakeClock } from '../fakes/clock.ts'

const times = (count: number) => Array.from({ length: count }, (_, i) => i)

/** Calls that take 50 ms each; resolves to when they were made and how many were under way at most. */
async function callAll(count: number, options: CallerOptions, gain: (i: number) => object = () => ({})) {
  const clock = fakeClock()
  const polite = caller({ clock, ...options })
  const starts: number[] = []
  let [now, most] = [0, 0]
  await forEach(times(count), { limit: 100 }, (i) =>
    polite.call(async () => {
      starts.push(clock.now())
      most = Math.max(most, ++now)
      await clock.sleep(50)
      now--
      polite.took(gain(i))
    }),
  )
  return { starts, most, seconds: clock.now() / 1_000 }
}

describe('a caller', () => {
  it('has at most so many requests under way as it is told', async () => {
    expect((await callAll(20, { concurrency: 3 })).most).toBe(3)
  })

  it('finds out by itself how many more at once a fast server bears', async () => {
    const { most, seconds } = await callAll(2_000, {})
    expect(most).toBeGreaterThan(16)
    expect(seconds).toBeLessThan(8)
  })

  it('brings more with more at once, until the server of eight workers is the bound, which it finds by itself', async () => {
    const rateOf = async (concurrency?: number) => {
      const clock = fakeClock()
      const polite = caller({ clock, concurrency })
      const work = turnstile(8)
      const request = () => polite.call(() => work(() => clock.sleep(50)))
      await forEach(times(1_600), { limit: 64 }, request)
      return 1_600 / (clock.now() / 1_000)
    }
    const [one, two, four, eight, many] = await Promise.all([1, 2, 4, 8, 32].map(rateOf))
    expect([two / one, four / two, eight / four].every((gain) => gain > 1.6)).toBe(true)
    expect(many / eight).toBeLessThan(1.1)
    expect((await rateOf()) / many).toBeGreaterThan(0.8)
  })

  it('comes to most of what the best number at once brings, in a run of a thousand requests that begins with care', async () => {
    const rateOf = async (concurrency?: number) => {
      const clock = fakeClock({ random: () => 0.5 })
      const polite = caller({ clock, concurrency })
      const work = turnstile(16)
      // Parts of a range, in each of which one request follows the other.
      await forEach(times(100), { limit: 64 }, async () => {
        for (const _ of times(12)) await polite.call(() => work(() => clock.sleep(50)))
      })
      return 1_200 / (clock.now() / 1_000)
    }
    const rates = await Promise.all([1, 4, 16, 64].map(rateOf))
    expect(await rateOf()).toBeGreaterThan(0.9 * Math.max(...rates))
  })

  it('keeps to requests a second', async () => {
    const { starts } = await callAll(30, { maxRequestsPerSecond: 10 })
    for (const [i, start] of starts.entries()) expect(start).toBeGreaterThanOrEqual(100 * i)
  })

  it('keeps to points and to bytes a second, which it is told of afterwards', async () => {
    const points = await callAll(20, { maxPointsPerSecond: 1_000, concurrency: 2 }, () => ({ points: 500 }))
    expect(points.seconds).toBeGreaterThan(9)
    expect(points.seconds).toBeLessThan(12)
    const bytes = await callAll(20, { maxBytesPerSecond: 1e6, concurrency: 2 }, () => ({ bytes: 500_000 }))
    expect(bytes.seconds).toBeGreaterThan(9)
  })

  it('keeps to the slower of two paces', async () => {
    const clock = fakeClock()
    const slow = caller({ clock, maxRequestsPerSecond: 5 }).within({ maxRequestsPerSecond: 50, maxPointsPerSecond: 10 })
    for (const _ of times(4)) await slow.call(async () => undefined)
    expect(clock.now()).toBeGreaterThanOrEqual(600)
    slow.took({ points: 100 })
    await slow.call(async () => undefined)
    expect(clock.now()).toBeGreaterThanOrEqual(10_000)
  })

  it.each(['throttled', 'timeout'] as const)('has fewer requests under way after %s', async (reason) => {
    const clock = fakeClock()
    const polite = caller({ clock })
    const before = typeof polite.concurrency === 'number' ? 0 : polite.concurrency.now
    let failures = 0
    await polite.call(async () => {
      if (failures++ === 0) throw new Transient(reason, 'too much')
    })
    expect(polite.concurrency).toMatchObject({ now: before / 2 })
  })

  it('uses 0.9 of 20 requests a second, of which a server refuses less than 2 %', async () => {
    const clock = fakeClock({ random: () => 0.5 })
    const polite = caller({ clock })
    const answered: number[] = []
    let refused = 0
    const request = async () => {
      const isFull = answered.filter((time) => time > clock.now() - 1_000).length >= 20
      if (isFull) refused++
      else answered.push(clock.now())
      await clock.sleep(50)
      if (isFull) throw new Transient('throttled', 'too many requests')
    }
    await forEach(times(400), { limit: 64 }, () => polite.call(request))
    expect(answered.length / (clock.now() / 1_000)).toBeGreaterThan(0.9 * 20)
    expect(refused / (refused + answered.length)).toBeLessThan(0.02)
  })
})
