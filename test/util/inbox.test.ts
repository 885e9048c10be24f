import { describe, expect, it } from 'vitest'
import { inbox } from '../../src/util/inbox.ts'

describe('an inbox', () => {
  it('gives what was put in, in order, whether it is waited for or not', async () => {
    const box = inbox<number>()
    box.put(1)
    box.put(2)
    expect([await box.take(), await box.take()]).toEqual([1, 2])
    const waiting = box.take()
    box.put(0)
    expect(await waiting).toBe(0)
  })

  it('fails once it is empty, with its first error', async () => {
    const box = inbox<string>()
    box.put('a')
    box.fail(new Error('first'))
    box.fail(new Error('second'))
    expect(await box.take()).toBe('a')
    await expect(box.take()).rejects.toThrow('first')
    const other = inbox<string>()
    const waiting = other.take()
    other.fail(new Error('now'))
    await expect(waiting).rejects.toThrow('now')
  })
})
