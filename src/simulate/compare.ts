import { formatRange, intersect, isEmpty, type Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import type { ComparisonOperator } from './choices.ts'
import { formatCluster } from './metric-key.ts'
import { add, constant, divide, multiply, type Piecewise, restrict, subtract } from './piecewise.ts'
import type { Functions, Simulation } from './simulation.ts'
import { type Summary, summarise } from './summary.ts'

const operations: Readonly<Record<ComparisonOperator, (f: Piecewise, g: Piecewise) => Piecewise>> = {
  add,
  sub: subtract,
  mul: multiply,
  truediv: divide,
}

/** One number of two summaries. */
export interface Difference {
  readonly name: keyof Summary
  readonly first: number
  readonly second: number
  /** second − first. */
  readonly difference: number
  /** second ÷ first; undefined where the first is 0. */
  readonly ratio: number | undefined
}

export interface Comparison {
  readonly differences: readonly Difference[]
  /** The operator applied to cost and vCPUs at every instant; everything else is 0. */
  readonly combined: Simulation
}

/**
 * Compares two simulations inside what their windows share.
 * @throws a usage error where the windows share nothing
 */
export function compareSimulations(a: Simulation, b: Simulation, operator: ComparisonOperator): Comparison {
  const range = intersect(a.range, b.range)
  if (isEmpty(range))
    throw usageError(`invalid comparison: ${formatRange(a.range)} and ${formatRange(b.range)} share no time`)
  const [first, second] = [inside(a, range), inside(b, range)]
  const combined: Simulation = {
    name: `[${a.name}] ${operator} [${b.name}]`,
    cluster: combinedCluster(a, b),
    range,
    functions: combineFunctions(first.functions, second.functions, operations[operator]),
    notes: isSame(a.range, range) && isSame(b.range, range) ? [] : [differentWindows(a, b, range)],
  }
  return { differences: differencesOf(summarise(first), summarise(second)), combined }
}

const isSame = (a: Range, b: Range): boolean => a.start === b.start && a.end === b.end

const differentWindows = (a: Simulation, b: Simulation, shared: Range): string =>
  `different windows: ${formatRange(a.range)} and ${formatRange(b.range)}; compared inside ${formatRange(shared)}`

function inside(simulation: Simulation, range: Range): Simulation {
  const functions = Object.entries(simulation.functions).map(([name, f]) => [name, restrict(f, range)])
  return { ...simulation, range, functions: Object.fromEntries(functions) }
}

function combineFunctions(a: Functions, b: Functions, operation: (f: Piecewise, g: Piecewise) => Piecewise): Functions {
  const nothing = constant(0)
  return {
    instances: nothing,
    rented: operation(a.rented, b.rented),
    joined: operation(a.joined, b.joined),
    allocated: nothing,
    cost: operation(a.cost, b.cost),
    memory: nothing,
    disk: nothing,
    gpus: nothing,
  }
}

/** Parts that differ are joined by a comma, as in the original. */
function combinedCluster({ cluster: a }: Simulation, { cluster: b }: Simulation): Simulation['cluster'] {
  if (!a || !b || formatCluster(a) === formatCluster(b)) return a ?? b
  const join = (one: string | undefined, other: string | undefined) =>
    one === other || other === undefined ? one : [one, other].filter(Boolean).join(', ')
  return {
    cluster: join(a.cluster, b.cluster) ?? '',
    pool: join(a.pool, b.pool) ?? '',
    scheduler: join(a.scheduler, b.scheduler),
  }
}

const differencesOf = (first: Summary, second: Summary): Difference[] =>
  (Object.keys(first) as (keyof Summary)[]).map((name) => ({
    name,
    first: first[name],
    second: second[name],
    difference: second[name] - first[name],
    ratio: first[name] === 0 ? undefined : second[name] / first[name],
  }))
