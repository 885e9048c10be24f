import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type ChangingLimit, forEach, turnstile } from '../../src/util/concurrency.ts'

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

describe('a turnstile', () => {
  it('lets the first through first, and more when the limit is raised', async () => {
    const limit = changing(1)
    const inTurn = turnstile(limit)
    const log: string[] = []
    const work = (name: string) =>
      inTurn(async () => {
        log.push(`begin ${name}`)
        await sleep(5)
        log.push(`end ${name}`)
      })
    const all = ['a', 'b', 'c', 'd'].map(work)
    await all[0]
    limit.set(2)
    await Promise.all(all)
    expect(log).toEqual(['begin a', 'end a', 'begin b', 'begin c', 'end b', 'begin d', 'end c', 'end d'])
  })

  it('lets those leave that are interrupted while they wait, and goes on with the others', async () => {
    const inTurn = turnstile(1)
    const [reason, control] = [new Error('stop'), new AbortController()]
    let end = () => {}
    const first = inTurn(() => new Promise<void>((resolve) => (end = resolve)))
    const begun: string[] = []
    const leaving = inTurn(async () => void begun.push('interrupted'), control.signal)
    const staying = inTurn(async () => void begun.push('other'), new AbortController().signal)
    control.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    await expect(inTurn(async () => void begun.push('late'), control.signal)).rejects.toBe(reason)
    end()
    await Promise.all([first, staying])
    expect(begun).toEqual(['other'])
  })

  it('begins nothing that is interrupted as its turn comes', async () => {
    const limit = changing(1)
    const inTurn = turnstile(limit)
    const control = new AbortController()
    const begun: string[] = []
    const first = inTurn(() => sleep(1))
    const second = inTurn(async () => void begun.push('second'), control.signal)
    limit.set(2)
    control.abort(new Error('stop'))
    await expect(second).rejects.toThrow('stop')
    await first
    expect(begun).toEqual([])
    expect(await inTurn(async () => 'done')).toBe('done')
  })

  it('goes on after work that fails', async () => {
    const inTurn = turnstile(1)
    await expect(inTurn(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await inTurn(async () => 'done')).toBe('done')
  })
})

function changing(first: number): ChangingLimit & { set(limit: number): void } {
  const listeners: (() => void)[] = []
  let now = first
  return {
    get now() {
      return now
    },
    whenRaised: (tell) => void listeners.push(tell),
    set(limit) {
      now = limit
      for (const tell of listeners) tell()
    },
  }
}
