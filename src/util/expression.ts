import type { FunctionNode, MathNode, SymbolNode } from 'mathjs'
import { usageError } from './errors.ts'
import { didYouMean } from './suggest.ts'

/** A compiled formula: numbers in, a number out. */
export type Expression = (scope: Readonly<Record<string, number>>) => number

const functions = (
  'abs ceil floor round fix sign sqrt cbrt square cube exp expm1 log log10 log2 log1p pow nthRoot mod gcd lcm min max sum mean hypot ' +
  'sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh gamma factorial'
).split(' ')
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
 * @throws a usage error that gives the position of what is wrong, from 1
 */
export async function compileExpression(text: string, variables: readonly string[]): Promise<Expression> {
  const { parse } = await import('mathjs/number')
  const node = parseNode(parse, text)
  const known = [...variables, ...constants]
  node.traverse((inner: MathNode, path: string) => {
    const problem = problemOf(inner, path, known)
    if (problem) throw invalid(problem, positionIn(text, inner))
  })
  const code = node.compile()
  return (scope) => Number(code.evaluate(scope))
}

function parseNode(parse: (text: string) => MathNode, text: string): MathNode {
  try {
    return parse(text)
  } catch (error) {
    const { message, char } = error as Error & { char?: number }
    throw invalid(message.replace(/ \(char \d+\)$/, '').toLowerCase(), char)
  }
}

const invalid = (problem: string, position: number | undefined) =>
  usageError(`invalid function: ${problem}${position === undefined ? '' : ` at position ${position}`}`)

function problemOf(node: MathNode, path: string, known: readonly string[]): string | undefined {
  if (!nodeTypes.has(node.type)) return `expected arithmetic, got ${describe(node)}`
  if (node.type === 'FunctionNode') {
    const { name } = (node as FunctionNode).fn
    return functions.includes(name) ? undefined : `unknown function ${name}${didYouMean(name, functions)}`
  }
  if (node.type === 'ConstantNode' && typeof (node as unknown as { value: unknown }).value === 'string')
    return 'expected numbers, got a text'
  if (node.type !== 'SymbolNode' || path === 'fn') return undefined
  const { name } = node as SymbolNode
  return known.includes(name)
    ? undefined
    : `unknown name ${name}${didYouMean(name, known) || `; expected ${known.join(', ')}`}`
}

const describe = (node: MathNode): string =>
  node.type === 'AssignmentNode' || node.type === 'FunctionAssignmentNode' ? 'an assignment' : `${node}`

/** Where a name first stands in the text, from 1. */
function positionIn(text: string, node: MathNode): number | undefined {
  const name = 'fn' in node ? (node as FunctionNode).fn.name : 'name' in node ? String(node.name) : undefined
  const found = name === undefined ? -1 : text.search(new RegExp(`(?<![\\w.])${name.replace(/\W/g, '\\$&')}(?!\\w)`))
  return found < 0 ? undefined : found + 1
}
