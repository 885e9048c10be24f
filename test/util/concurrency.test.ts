import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { forEach } from '../../src/util/concurrency.ts'

describe('work on many items', () => {
  it('goes on with as many at once as allowed, in order', async () => {
    let [now, most] = [0, 0]
    const begun: number[] = []
    await forEach([1, 2, 3, 4, 5, 6, 7], { limit: 3 }, async (item) => {
      begun.push(item)
      most = Math.max(most, ++now)
      await sleep(item % 2 === 0 ? 1 : 5)
      now--
    })
    expect({ begun, most }).toEqual({ begun: [1, 2, 3, 4, 5, 6, 7], most: 3 })
  })

  it('takes no more after a failure, stops what is under way, and throws when that has ended', async () => {
    const done: string[] = []
    const failure = new Error('broken')
    const work = forEach([1, 2, 3, 4], { limit: 2 }, async (item, signal) => {
      done.push(`begin ${item}`)
      if (item === 1) throw failure
      await sleep(10_000, undefined, { signal }).catch(() => done.push(`end ${item}`))
    })
    await expect(work).rejects.toBe(failure)
    expect(done).toEqual(['begin 1', 'begin 2', 'end 2'])
  })

  it('ends with the reason of an interruption', async () => {
    const reason = new Error('stop')
    const control = new AbortController()
    const work = forEach([1, 2, 3], { limit: 1, signal: control.signal }, async () => control.abort(reason))
    await expect(work).rejects.toBe(reason)
  })
})
