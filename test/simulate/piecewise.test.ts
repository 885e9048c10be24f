import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accumulate,
  add,
  constant,
  divide,
  integral,
  integrals,
  maximum,
  multiply,
  type Piecewise,
  piecewise,
  restrict,
  sample,
  scale,
  subtract,
  sum,
  valueAt,
} from '../../src/simulate/piecewise.ts'

const integer = fc.integer({ min: -50, max: 50 })
const functions = fc
  .record({
    initial: integer,
    points: fc.uniqueArray(fc.tuple(integer, integer), { selector: ([x]) => x, maxLength: 12 }),
  })
  .map(({ initial, points }) =>
    piecewise(
      points.sort(([a], [b]) => a - b),
      initial,
    ),
  )
const windows = fc.record({
  start: integer,
  length: fc.integer({ min: 0, max: 60 }),
  step: fc.integer({ min: 1, max: 20 }),
})
const halves = Array.from({ length: 241 }, (_, i) => i / 2 - 60)
const pointwise = (f: Piecewise) => halves.map((x) => valueAt(f, x))
const holds = (property: fc.IRawProperty<unknown>) => fc.assert(property as fc.IProperty<unknown>)

describe('a piecewise-constant function', () => {
  const f = piecewise([
    [0, 1],
    [10, 3],
    [20, 0],
  ])

  it('holds the new value at a breakpoint, and the initial one before the first', () => {
    expect([-1, 0, 9.99, 10, 20, 99].map((x) => valueAt(f, x))).toEqual([0, 1, 1, 3, 0, 0])
  })

  it('is sampled at the start and every step before the end', () => {
    expect([...sample(f, { start: -2, end: 2, step: 1 })]).toEqual([0, 0, 1, 1])
    expect([...sample(f, { start: 0, end: 21, step: 10 })]).toEqual([1, 3, 0])
    expect([...sample(f, { start: 5, end: 5, step: 10 })]).toEqual([])
  })

  it('has a shorter last window where the step does not divide the range', () => {
    expect([...integrals(f, { start: 5, end: 25, step: 8 })]).toEqual([5 + 9, 21, 0])
  })

  it('keeps no breakpoint that does not change the value, and the later of two at one x', () => {
    expect([
      ...piecewise([
        [0, 0],
        [1, 5],
        [2, 5],
        [3, 7],
        [3, 5],
        [4, 6],
      ]).xs,
    ]).toEqual([1, 4])
  })

  it('is made of deltas in any order', () => {
    const g = accumulate([10, 0, 20, 10], [1, 1, -3, 1])
    expect([[...g.xs], [...g.ys]]).toEqual([
      [0, 10, 20],
      [1, 3, 0],
    ])
  })
})

describe('arithmetic of functions', () => {
  it.each([
    ['sum', add, (a: number, b: number) => a + b],
    ['difference', subtract, (a: number, b: number) => a - b],
    ['product', multiply, (a: number, b: number) => a * b],
    ['quotient, 0 where the divisor is 0,', divide, (a: number, b: number) => (b === 0 ? 0 : a / b)],
    ['maximum', maximum, Math.max],
  ])('the %s is taken point by point', (_, operation, expected) => {
    holds(
      fc.property(functions, functions, (f, g) => {
        const result = operation(f, g)
        for (const x of halves) expect(valueAt(result, x) + 0).toBe(expected(valueAt(f, x), valueAt(g, x)) + 0)
      }),
    )
  })

  it('divides 0 by 0 to 0', () => {
    expect(divide(constant(0), constant(0))).toEqual(constant(0))
    expect(divide(constant(5), piecewise([[1, 2]])).initial).toBe(0)
  })

  it('adds many as it adds them one after the other', () => {
    holds(
      fc.property(fc.array(functions, { maxLength: 9 }), (all) => {
        expect(pointwise(sum(all))).toEqual(pointwise(all.reduce(add, constant(0))))
      }),
    )
  })

  it('yields breakpoints that ascend strictly and each change the value', () => {
    holds(
      fc.property(functions, functions, (f, g) => {
        const { initial, xs, ys } = multiply(f, g)
        xs.forEach((x, i) => {
          if (i > 0) expect(x).toBeGreaterThan(xs[i - 1])
          expect(ys[i]).not.toBe(i === 0 ? initial : ys[i - 1])
        })
      }),
    )
  })
})

describe('an integral', () => {
  it('is the sum of value times width, as a sum over unit steps tells', () => {
    holds(
      fc.property(functions, windows, (f, { start, length }) => {
        const units = Array.from({ length }, (_, i) => valueAt(f, start + i))
        expect(integral(f, { start, end: start + length })).toBe(units.reduce((a, b) => a + b, 0))
      }),
    )
  })

  it('is the sum of those over its windows, of any step', () => {
    holds(
      fc.property(functions, windows, (f, { start, length, step }) => {
        const end = start + length
        const parts = integrals(f, { start, end, step })
        expect(parts.length).toBe(Math.ceil(length / step))
        expect(parts.reduce((a, b) => a + b, 0)).toBe(integral(f, { start, end }))
      }),
    )
  })

  it('is linear', () => {
    holds(
      fc.property(functions, functions, windows, (f, g, { start, length }) => {
        const range = { start, end: start + length }
        expect(integral(add(scale(f, 3), g), range)).toBe(3 * integral(f, range) + integral(g, range))
      }),
    )
  })

  it('of a part of the function inside the part is unchanged', () => {
    holds(
      fc.property(functions, windows, (f, { start, length }) => {
        const range = { start, end: start + length }
        expect(integral(restrict(f, range), range)).toBe(integral(f, range))
      }),
    )
  })
})
