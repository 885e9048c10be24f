import fc from 'fast-check'
import { expect, it } from 'vitest'
import { priorityQueue } from '../../src/util/priority-queue.ts'

it('gives the first item of a sorted list, whatever is added and taken in between', () => {
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 2 }))
  fc.assert(
    fc.property(steps, (given) => {
      const queue = priorityQueue<number>((a, b) => a < b)
      const twin: number[] = []
      for (const step of given) {
        if (step === null) expect(queue.pop()).toBe(twin.shift())
        else {
          queue.push(step)
          twin.push(step)
          twin.sort((a, b) => a - b)
        }
        expect(queue.peek()).toBe(twin[0])
      }
    }),
  )
})

it('gives the items of ascending lists in order, each list standing where its next item belongs', () => {
  const ascending = fc.array(fc.nat({ max: 20 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(fc.array(ascending), (lists) => {
      const all = lists.flat().sort((a, b) => a - b)
      const queue = priorityQueue<number[]>(([a], [b]) => a < b)
      for (const list of lists) queue.push(list)
      const given: number[] = []
      for (let first = queue.peek(); first; first = queue.peek()) {
        if (first.length === 1) queue.pop()
        given.push(first.shift() as number)
        if (first.length > 0) queue.delayFirst()
      }
      expect(given).toEqual(all)
    }),
  )
})
