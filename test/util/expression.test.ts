import { describe, expect, it } from 'vitest'
import { compileExpression } from '../../src/util/expression.ts'

const evaluate = async (text: string, x: number) => (await compileExpression(text, ['x', 't']))({ x, t: 0 })

describe('a formula', () => {
  it.each([
    ['2 x^2 - -1', 3, 19],
    ['x % 2 + x mod 2', 5, 2],
    ['50% * x', 4, 2],
    ['x > 1 and not (x == 3) ? min(x, 4, 3) : round(x, 1)', 2, 2],
    ['x > 1 and not (x == 3) ? min(x, 4, 3) : round(x, 1)', 0.25, 0.3],
    ['1 < x < 3', 2, 1],
    ['x! + (x & 1) + (x << 1)', 3, 13],
    ['nthRoot(x) + log(x, 10) + hypot(3, 4)', 100, 17],
    ['true # not x', 0, 1],
  ])('%s of %d is %d', async (text, x, value) => expect(await evaluate(text, x)).toBeCloseTo(value, 12))

  it.each([
    ['', 'expected a formula, got nothing'],
    [' \n', 'expected a formula, got nothing'],
    ['# x', 'expected a formula, got nothing'],
    ['undefined', 'expected numbers, got undefined'],
    ['x ? null : 1', 'expected numbers, got null'],
    ['"x"', 'expected numbers, got a text'],
    ['x = 2', 'expected arithmetic, got an assignment'],
    ['x:2', 'expected arithmetic, got x:2'],
    ['2 * sine(x)', 'unknown function sine; did you mean sin? at position 5'],
    ['1 + min()', 'min cannot take 0 numbers at position 5'],
    ['x > 9 ? pow(x) : 1', 'pow cannot take 1 number at position 9'],
    ['sqrt(x, 2, 3)', 'sqrt cannot take 3 numbers at position 1'],
    ["x'", "unknown operator '; expected + - * / ^ %, a comparison, and, or, not at position 2"],
    ['x .* 2', 'unknown operator .*; '],
    ['x ./ 2', 'unknown operator ./; '],
    ['x ?? 1', 'unknown operator ??; '],
    ['x to x', 'unknown operator to; expected + - * / ^ %, a comparison, and, or, not at position 3'],
    ['x +', 'unexpected end of expression at position 4'],
  ])('is refused where it is none: %j', async (text, problem) => {
    await expect(compileExpression(text, ['x'])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`invalid function: ${problem}`),
    })
  })

  it.each([
    ['factorial(-x)', 'cannot compute factorial(-x) for x = 2: value must be non-negative'],
    ['round(x, 20)', 'cannot compute round(x, 20) for x = 2: number of decimals in function round must be'],
    ['nthRoot(x, 0)', 'cannot compute nthRoot(x, 0) for x = 2: root must be non-zero'],
    ['1 + factorial(-1)', 'cannot compute 1 + factorial(-1): value must be non-negative'],
    ['gcd(x, 0.5)', 'cannot compute gcd(x, 0.5) for x = 2: parameters in function gcd must be integer numbers'],
  ])('names the numbers that it has no value for: %s', async (text, message) => {
    await expect(evaluate(text, 2)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) })
  })
})
