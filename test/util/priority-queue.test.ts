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
