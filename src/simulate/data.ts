import { formatDuration } from '../time/duration.ts'
import { formatRange, hour, type Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import {
  constant,
  divide,
  type Grid,
  integral,
  integrals,
  maximum,
  multiply,
  type Piecewise,
  sample,
  subtract,
} from './piecewise.ts'
import type { Functions, Simulation } from './simulation.ts'

export const dataKeys = [
  'cpus',
  'cpus_allocated',
  'unused_cpus',
  'cost',
  'unused_cpus_cost',
  'cost_per_cpu',
  'oversubscribed',
] as const

/** The original's names of what can be asked of a simulation. */
export type DataKey = (typeof dataKeys)[number]

interface DataDefinition {
  /** Money is integrated over a step; all else is the value at the step's start. */
  readonly kind: 'value' | 'integral'
  readonly of: (functions: Functions) => Piecewise
}

const definitions: Readonly<Record<DataKey, DataDefinition>> = {
  cpus: { kind: 'value', of: ({ joined }) => joined },
  cpus_allocated: { kind: 'value', of: ({ allocated }) => allocated },
  unused_cpus: { kind: 'value', of: ({ rented, allocated }) => subtract(rented, allocated) },
  cost: { kind: 'integral', of: ({ cost }) => cost },
  unused_cpus_cost: {
    kind: 'integral',
    of: ({ rented, allocated, cost }) => multiply(divide(subtract(rented, allocated), rented), cost),
  },
  cost_per_cpu: { kind: 'value', of: ({ cost, rented }) => divide(cost, rented) },
  oversubscribed: {
    kind: 'value',
    of: ({ rented, allocated }) => maximum(subtract(allocated, rented), constant(0)),
  },
}

/** Reads a data key or throws a usage error. */
export function parseDataKey(text: string): DataKey {
  const key = dataKeys.find((known) => known === text)
  if (!key) throw usageError(`unknown data key: expected one of ${dataKeys.join(', ')}, got ${text}`)
  return key
}

/** What a data key means as a function of time: a number, or for money $/h. */
export const functionOf = (key: DataKey, { functions }: Pick<Simulation, 'functions'>): Piecewise =>
  definitions[key].of(functions)

/** Whether the key is money, which is integrated over each step. */
export const isMoney = (key: DataKey): boolean => definitions[key].kind === 'integral'

/** As many as memory may be asked to hold: a century of minutes has half of them. */
const mostSteps = 1e8

/**
 * One number for each step of the grid: the value at its start, or the $ spent in it.
 * @throws a usage error where these are more than anybody can look at
 */
export function dataOf(key: DataKey, simulation: Pick<Simulation, 'functions'>, grid: Grid): Float64Array {
  if ((grid.end - grid.start) / grid.step > mostSteps)
    throw usageError(
      `too many steps of ${formatDuration(grid.step)} in ${formatRange(grid)}: expected at most ${mostSteps}`,
      'name a shorter window with --start-time and --end-time, or for --series a longer --step',
    )
  const f = functionOf(key, simulation)
  return isMoney(key) ? integrals(f, grid).map((dollars) => dollars / hour) : sample(f, grid)
}

/** The integral of a function over the range, with time in hours: vCPUs become vCPU hours, $/h become $. */
export const integralInHours = (f: Piecewise, range: Range): number => integral(f, range) / hour
