import { describe, expect, it } from 'vitest'
import { ahead } from '../../src/util/ahead.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Counts up to `end`, and tells how far it has come. */
function counter(end: number) {
  const state = { made: 0, isLeft: false }
  async function* count() {
    try {
      while (state.made < end) yield state.made++
    } finally {
      state.isLeft = true
    }
  }
  return { state, items: count() }
}

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('items made ahead', () => {
  it('are the same items in the same order, however much room there is', async () => {
    for (const room of [1, 2, 3, 100]) expect(await all(ahead(counter(10).items, room))).toEqual([...Array(10).keys()])
    expect(await all(ahead(counter(0).items, 2))).toEqual([])
  })

  it('are made before they are asked for, but no more than there is room for', async () => {
    const { state, items } = counter(10)
    const made = ahead(items, 3)
    await settled()
    expect(state.made).toBe(3)
    expect((await made.next()).value).toBe(0)
    await settled()
    expect(state.made).toBe(4)
  })

  it('come before the failure that comes behind them', async () => {
    async function* failing() {
      yield 'a'
      yield 'b'
      throw new Error('broken')
    }
    const made = ahead(failing(), 8)
    await settled()
    expect([(await made.next()).value, (await made.next()).value]).toEqual(['a', 'b'])
    await expect(made.next()).rejects.toThrow('broken')
  })

  it('are no more made once nobody wants them', async () => {
    const { state, items } = counter(10)
    for await (const item of ahead(items, 2)) if (item === 1) break
    await settled()
    expect(state).toEqual({ made: 4, isLeft: true })
  })
})
