import type { z } from 'zod'
import { didYouMean } from '../util/suggest.ts'
import { distributions } from './distributions.ts'
import { randomBlock } from './schema.ts'

type Issue = z.core.$ZodIssue

/** One thing that is wrong with a design, and where. */
export interface Problem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Words what zod found; of a union it words the alternative that the user most likely meant. */
export function problemsOf(issues: readonly Issue[], value: unknown, path: readonly PropertyKey[] = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const at = [...path, ...issue.path]
    const found = lookUp(value, issue.path)
    if (issue.code === 'unrecognized_keys' && issue.keys.includes('distribution'))
      return problemsOf(randomBlock.safeParse(found).error?.issues ?? [], found, at)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...at, key], message: unknownField(key, issue) }))
    if (issue.code !== 'invalid_union') return [{ path: at, message: wordIssue(issue, found) }]
    if ('discriminator' in issue) return [unknownDistribution(at, found)]
    const meant = likeliest(issue.errors)
    if (meant && isInside(meant)) return problemsOf(meant, found, at)
    return [{ path: at, message: `expected ${alternatives(at)}, got ${show(found)}` }]
  })
}

const lookUp = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value)

/** The alternative with the least that is wrong: a foreign kind of value is worse than a foreign key, that worse than a missing one. */
function likeliest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const cost = (issue: Issue): number => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.reduce((sum, key) => sum + (decisive.has(key) ? 30 : 3), 0)
    if (issue.code === 'invalid_union' && issue.path.length === 0 && !('discriminator' in issue)) return 20
    if (issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return 20
    if ('discriminator' in issue) return 8
    return issue.code === 'invalid_type' && issue.path.length === 1 ? 4 : 1
  }
  const total = (issues: readonly Issue[]) => issues.reduce((sum, issue) => sum + cost(issue), 0)
  return alternatives.toSorted((a, b) => total(a) - total(b))[0]
}

/** Fields that only one kind of block has. */
const decisive: ReadonlySet<string> = new Set(['distribution', 'function', 'sum'])

/** Whether the alternative is of the right kind as a whole, so that its own words help. */
const isInside = (issues: readonly Issue[]): boolean =>
  issues.every((issue) => issue.path.length > 0 || (issue.code !== 'invalid_type' && issue.code !== 'invalid_value'))

function alternatives(path: readonly PropertyKey[]): string {
  const field = String(path.at(-1))
  if (field === 'frequency') return 'a duration such as 1m, a distribution, or historical'
  if (field === 'values') return 'a number, a distribution, a function or a sum'
  if (field.endsWith('_time')) return 'a time'
  return 'constant, sine, weekly, trend, ar1 or a distribution'
}

function wordIssue(issue: Issue, found: unknown): string {
  const wanted = ownWords(issue) ?? expectation(issue)
  if (issue.code === 'invalid_type' && found === undefined) return `is missing: ${wanted}`
  return /, got |; /.test(wanted) ? wanted : `${wanted}, got ${show(found)}`
}

/** The message that the schema gives; zod's own start with a capital. */
const ownWords = ({ message }: Issue): string | undefined => (/^[A-Z]/.test(message) ? undefined : message)

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return `expected ${article(issue.expected)}`
  if (issue.code === 'invalid_value') return `expected ${issue.values.join(' or ')}`
  if (issue.code === 'too_big') return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  if (issue.code !== 'too_small') return issue.message.toLowerCase()
  if (issue.origin === 'array') return `expected at least ${issue.minimum} of them`
  return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
}

const article = (kind: string): string =>
  ({ int: 'a whole number', record: 'an object', object: 'an object', array: 'a list' })[kind] ?? `a ${kind}`

const fieldNames =
  'start_time end_time frequency values dict_keys gaps duplicates late distribution params function metric metrics interpolate from type key aws_region sum clamp round constant sine weekly trend ar1 period amplitude phase change per phi sigma min max probability by a b'.split(
    ' ',
  )
const parameterNames = [...new Set(Object.values(distributions).flatMap(({ params }) => Object.keys(params.shape)))]

const unknownField = (key: string, issue: Issue): string =>
  `unknown field ${key}${didYouMean(key, issue.path.at(-1) === 'params' ? parameterNames : fieldNames)}`

/** Functions of Python's `random` that give no number. */
const notNumbers = ['shuffle', 'seed', 'getrandbits', 'randbytes', 'getstate', 'setstate']

/** zod points at the member that tells the alternatives apart. */
function unknownDistribution(path: readonly PropertyKey[], name: unknown): Problem {
  if (typeof name !== 'string') return { path, message: `expected the name of a distribution, got ${show(name)}` }
  if (notNumbers.includes(name)) return { path, message: `${name} gives no number: it cannot be a distribution` }
  const known = Object.keys(distributions)
  const hint = didYouMean(name, known) || `; expected ${known.slice(0, -1).join(', ')} or ${known.at(-1)}`
  return { path, message: `unknown distribution ${name}${hint}` }
}

/** A value as the user would recognise it. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value) && value.length === 0) return 'none'
  const text = typeof value === 'number' ? String(value) : asJson(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return 'something that contains itself'
  }
}
