import type { ConstantNode, FunctionNode, MathNode, OperatorNode, SymbolNode } from 'mathjs'
import { errorMessage, usageError } from './errors.ts'
import { didYouMean } from './suggest.ts'

/** A compiled formula: numbers in, a number out. */
export type Expression = (scope: Readonly<Record<string, number>>) => number

const functions = (
  'abs ceil floor round fix sign sqrt cbrt square cube exp expm1 log log10 log2 log1p pow nthRoot mod gcd lcm min max sum mean hypot ' +
  'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh gamma factorial'
).split(' ')
const operators: ReadonlySet<string> = new Set(
  (
    'add subtract multiply divide pow mod unaryMinus unaryPlus factorial smaller smallerEq larger largerEq equal unequal ' +
    'and or xor not bitAnd bitOr bitXor bitNot leftShift rightArithShift rightLogShift'
  ).split(' '),
)
const constants = ['e', 'pi', 'tau', 'phi', 'LN2', 'LN10', 'SQRT2']
/** What mathjs reads otherwise than as a name. */
const words = ['end', 'true', 'false', 'null', 'undefined', 'NaN', 'Infinity', 'and', 'or', 'not', 'xor', 'in', 'to']
const nodeTypes: ReadonlySet<string> = new Set([
  'ConstantNode',
  'SymbolNode',
  'OperatorNode',
  'ParenthesisNode',
  'FunctionNode',
  'ConditionalNode',
  'RelationalNode',
])

/** Whether a name can stand for a number of the caller's: an expression knows no other meaning of it. */
export const isFreeName = (name: string): boolean =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) &&
  !functions.includes(name) &&
  !constants.includes(name) &&
  !words.includes(name) &&
  !(name in Object.prototype)

/**
 * Compiles arithmetic as mathjs reads it: operators, comparisons, `condition ? a : b` and functions of numbers. Nothing in it can
 * assign, define, reach a property or call anything else, and it is never JavaScript.
 * @param variables free names that the scope has
 * @throws a usage error that gives the position of what is wrong, from 1; the formula itself throws one that gives the numbers
 * for which it has no value
 */
export async function compileExpression(text: string, variables: readonly string[]): Promise<Expression> {
  const math = await import('mathjs/number')
  const node = parseNode(math.parse, text)
  const known = [...variables, ...constants]
  node.traverse((inner: MathNode, path: string) => {
    const problem = problemOf(inner, path, known) ?? countProblem(inner, math)
    if (problem) throw invalid(problem, positionIn(text, inner))
  })
  const used = variables.filter((name) => node.filter((inner) => 'name' in inner && inner.name === name).length > 0)
  const code = node.compile()
  return (scope) => {
    try {
      return Number(code.evaluate(scope))
    } catch (error) {
      const given = used.map((name) => `${name} = ${scope[name]}`).join(', ')
      throw usageError(`cannot compute ${text}${given && ` for ${given}`}: ${lowerFirst(errorMessage(error))}`)
    }
  }
}

function parseNode(parse: (text: string) => MathNode, text: string): MathNode {
  if (text.replace(/#.*/g, '').trim() === '') throw invalid('expected a formula, got nothing', undefined)
  try {
    return parse(text)
  } catch (error) {
    const { message, char } = error as Error & { char?: number }
    throw invalid(message.replace(/ \(char \d+\)$/, '').toLowerCase(), char)
  }
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

const invalid = (problem: string, position: number | undefined) =>
  usageError(`invalid function: ${problem}${position === undefined ? '' : ` at position ${position}`}`)

function problemOf(node: MathNode, path: string, known: readonly string[]): string | undefined {
  if (!nodeTypes.has(node.type)) return `expected arithmetic, got ${describe(node)}`
  if (node.type === 'FunctionNode') {
    const { name } = (node as FunctionNode).fn
    return functions.includes(name) ? undefined : `unknown function ${name}${didYouMean(name, functions)}`
  }
  if (node.type === 'OperatorNode') {
    const { op, fn } = node as OperatorNode
    return operators.has(fn) ? undefined : `unknown operator ${op}; expected + - * / ^ %, a comparison, and, or, not`
  }
  if (node.type === 'ConstantNode') return constantProblem((node as ConstantNode).value)
  if (node.type !== 'SymbolNode' || path === 'fn') return undefined
  const { name } = node as SymbolNode
  return known.includes(name)
    ? undefined
    : `unknown name ${name}${didYouMean(name, known) || `; expected ${known.join(', ')}`}`
}

function constantProblem(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return undefined
  return `expected numbers, got ${typeof value === 'string' ? 'a text' : value}`
}

/** Calls a function with ones, for which all that are known have a value, since only the functions know how many numbers they take. */
function countProblem(node: MathNode, math: object): string | undefined {
  if (node.type !== 'FunctionNode') return undefined
  const { fn, args } = node as FunctionNode
  try {
    ;(math as Record<string, (...numbers: number[]) => unknown>)[fn.name](...args.map(() => 1))
    return undefined
  } catch {
    return `${fn.name} cannot take ${args.length === 1 ? '1 number' : `${args.length} numbers`}`
  }
}

const describe = (node: MathNode): string =>
  node.type === 'AssignmentNode' || node.type === 'FunctionAssignmentNode' ? 'an assignment' : `${node}`

/** Where a name or an operator first stands in the text, from 1. */
function positionIn(text: string, node: MathNode): number | undefined {
  const name = 'fn' in node ? nameOf(node) : 'name' in node ? String(node.name) : undefined
  if (name === undefined) return undefined
  const pattern = name.replace(/\W/g, '\\$&')
  const found = text.search(/\w/.test(name) ? new RegExp(`(?<![\\w.])${pattern}(?!\\w)`) : new RegExp(pattern))
  return found < 0 ? undefined : found + 1
}

const nameOf = (node: MathNode): string =>
  node.type === 'OperatorNode' ? (node as OperatorNode).op : (node as FunctionNode).fn.name
