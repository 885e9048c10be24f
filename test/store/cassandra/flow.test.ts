import { describe, expect, it } from 'vitest'
import { createFlow } from '../../../src/store/cassandra/flow.ts'
import { fakeClock } from '../../fakes/clock.ts'

/** More than a flow has under way in the beginning. */
const many = 100

describe('a flow of requests', () => {
  it('begins none that still waits for its turn when it is aborted, and goes on with others', async () => {
    const clock = fakeClock()
    const flow = createFlow({ maxPerSecond: Number.POSITIVE_INFINITY, patience: 0, clock, isPassing: () => false })
    const abortion = new AbortController()
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    let begun = 0
    const request = () => {
      begun++
      return answered
    }
    const runs = Array.from({ length: many }, () => flow.run(request, { signal: abortion.signal }))
    const results = Promise.allSettled(runs)
    await new Promise(setImmediate)
    const underWay = begun
    expect(underWay).toBeLessThan(many)
    abortion.abort(new Error('enough'))
    await expect(runs[many - 1]).rejects.toThrow('enough')
    answer()
    expect((await results).filter(({ status }) => status === 'rejected')).toHaveLength(many - underWay)
    expect(begun).toBe(underWay)
    await Promise.all(Array.from({ length: many }, () => flow.run(request)))
    expect(begun).toBe(underWay + many)
  })
})
