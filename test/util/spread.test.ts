import { expect, it } from 'vitest'
import { spread } from '../../src/util/spread.ts'

it('takes all where there are no more, and else some from everywhere', () => {
  expect(spread([1, 2, 3], 3)).toEqual([1, 2, 3])
  expect(spread([], 3)).toEqual([])
  expect(
    spread(
      Array.from({ length: 100 }, (_, i) => i),
      4,
    ),
  ).toEqual([12, 37, 62, 87])
})
