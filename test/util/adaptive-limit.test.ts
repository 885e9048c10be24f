import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AdaptiveLimit, adaptiveLimit } from '../../src/util/adaptive-limit.ts'

interface Server {
  /** Requests that it works on at once; others wait. */
  readonly workers: number
  /** Requests that it lets in at once; it refuses others. */
  readonly room?: number
  /** Requests that are under way at most, whatever the limit, at a time. */
  readonly pace?: (now: number) => number
  /** Whether the machine that asks is busy with something else at a time. */
  readonly isAway?: (now: number) => boolean
}

/** Keeps as many requests under way as the limit says, 50 ms of work each; resolves to how many are answered in the last second. */
function drive(limit: AdaptiveLimit, { workers, room = many, pace = () => many, isAway }: Server, seconds: number) {
  const underWay: { startedAt: number; until: number; isRefused: boolean }[] = []
  const free = Array.from({ length: workers }, () => 0)
  const ends: number[] = []
  let refused = 0
  for (let now = 0; now < seconds * 1_000; now++) {
    if (isAway?.(now)) continue
    for (const one of underWay.filter(({ until }) => until <= now)) {
      underWay.splice(underWay.indexOf(one), 1)
      if (one.isRefused) limit.refused(one.startedAt, now)
      else limit.answered(now)
      if (!one.isRefused) ends.push(now)
    }
    while (underWay.length < Math.min(limit.now, pace(now))) {
      limit.started()
      const isRefused = underWay.length >= room
      if (isRefused) refused++
      free.sort((a, b) => a - b)
      if (!isRefused) free[0] = Math.max(free[0], now) + 50
      underWay.push({ startedAt: now, until: isRefused ? now + 50 : free[0], isRefused })
    }
  }
  return { rate: ends.filter((end) => end >= (seconds - 1) * 1_000).length, answered: ends.length, refused }
}

function refuse(limit: AdaptiveLimit, startedAt: number, at: number): void {
  limit.started()
  limit.refused(startedAt, at)
}

const many = Number.POSITIVE_INFINITY

describe('a limit that adapts', () => {
  it.each([1, 2, 5, 20, 50])('comes to what a server of %i workers gives, and not much beyond', (workers) => {
    const limit = adaptiveLimit()
    const { rate } = drive(limit, { workers }, 20)
    expect(rate).toBeGreaterThan(0.85 * workers * 20)
    expect(limit.now).toBeLessThanOrEqual(Math.max(2.5 * workers, 6))
  })

  it('does not take for the server what holds requests back before it', () => {
    const limit = adaptiveLimit()
    const pace = (now: number) => 2 ** Math.floor(now / 500)
    expect(drive(limit, { workers: 32, pace }, 5).rate).toBeGreaterThan(0.85 * 32 * 20)
  })

  it('does not take a moment in which the machine was busy for the end of what the server gives', () => {
    for (let at = 50; at < 500; at += 50) {
      const limit = adaptiveLimit()
      const isAway = (now: number) => now >= at && now < at + 120
      expect(drive(limit, { workers: 32, isAway }, 3).rate, `busy at ${at}`).toBeGreaterThan(0.85 * 32 * 20)
    }
  })

  it('never goes beyond its bound, nor below one', () => {
    const limit = adaptiveLimit({ first: 8, most: 10 })
    drive(limit, { workers: 1_000 }, 5)
    expect(limit.now).toBe(10)
    for (let i = 0; i < 9; i++) refuse(limit, 10_000 + i, 10_000 + i)
    expect(limit.now).toBe(1)
  })

  it('halves at a refusal, once for all requests that were under way', () => {
    const limit = adaptiveLimit({ first: 16 })
    for (let i = 0; i < 16; i++) refuse(limit, i, 100)
    expect(limit.now).toBe(8)
    refuse(limit, 101, 200)
    expect(limit.now).toBe(4)
  })

  it('stays near the room that a server has, and is seldom refused', () => {
    const { rate, answered, refused } = drive(adaptiveLimit(), { workers: 1_000, room: 20 }, 60)
    expect(rate).toBeGreaterThan(0.5 * 20 * 20)
    expect(refused / (answered + refused)).toBeLessThan(0.05)
  })

  it('tells whoever waits that more may go on', () => {
    const limit = adaptiveLimit({ first: 1, most: 4 })
    const seen: number[] = []
    limit.whenRaised(() => seen.push(limit.now))
    drive(limit, { workers: 100 }, 2)
    expect(seen).toEqual([2, 4])
  })

  it('is a whole number from one to its bound, whatever happens', () => {
    const event = fc.record({ kind: fc.constantFrom('answered', 'refused', 'failed'), wait: fc.nat({ max: 300 }) })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 400 }), (events) => {
        const limit = adaptiveLimit({ first: 4, most: 32 })
        let now = 0
        for (const { kind, wait } of events) {
          now += wait
          limit.started()
          if (kind === 'answered') limit.answered(now)
          else if (kind === 'failed') limit.failed()
          else limit.refused(now - wait, now)
          expect(Number.isInteger(limit.now) && limit.now >= 1 && limit.now <= 32).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })
})
