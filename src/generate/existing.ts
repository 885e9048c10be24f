import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Metric } from '../metrics-file/batch.ts'
import { isOneOf, sameMetric } from '../metrics-file/identity.ts'
import type { UserError } from '../util/errors.ts'
import { isRemote } from '../util/location.ts'
import type { Input } from './inputs.ts'
import { type InputReference, nameReference } from './plan.ts'
import { type OpenStoredOptions, openStored } from './stored.ts'

export interface ExistingOptions extends OpenStoredOptions {
  /** Metrics file, lake or URL of a database that is looked at first where a reference does not say `from`. */
  readonly dataFile?: string
  /** What is written to, which is looked at next. */
  readonly output: string
}

export interface Reader {
  /** The metrics of the design. What the output holds of them is older, or the half of a run that was killed: it is not read. */
  readonly designed: readonly Metric[]
  error(message: string): UserError
}

/**
 * The metric of existing data that a reference means: in the place that it names, else in the data file, else in the output.
 * @throws an error of the design where several metrics have the name, or where `from` names a place that has none
 */
export async function findExisting(
  reference: InputReference,
  { designed, error }: Reader,
  options: ExistingOptions,
): Promise<Input | undefined> {
  const isDesigned = isOneOf(designed)
  for (const place of placesOf(reference, options)) {
    const stored = await openStored(place, options)
    const held = await stored.find(reference)
    const usable = isSamePlace(place, options.output) ? held.filter((metric) => !isDesigned(metric)) : held
    const [first, second] = usable
    if (second && sameMetric(first, second))
      throw error(`${first.name} stands twice in ${place}, also as ${second.name}`)
    const metric = onlyOne(usable, error)
    if (metric) {
      const { key } = reference
      return { name: `${metric.name} of ${place}`, key, batches: () => stored.read(metric, key) }
    }
    if (reference.from !== undefined) throw error(held.length > 0 ? replaced(reference) : notThere(reference))
  }
  return undefined
}

function placesOf({ from }: InputReference, { dataFile, output }: ExistingOptions): string[] {
  if (from !== undefined) return [from]
  const places = dataFile === undefined ? [] : [dataFile]
  return isRemote(output) || existsSync(output) ? [...places, output] : places
}

function isSamePlace(a: string, b: string): boolean {
  if (isRemote(a) !== isRemote(b)) return false
  return isRemote(a) ? sorted(a) === sorted(b) : resolve(a) === resolve(b)
}

/** A URL with its parameters in one order. */
function sorted(location: string): string {
  const url = new URL(location)
  url.searchParams.sort()
  return url.href
}

const replaced = ({ metric, from }: InputReference): string =>
  `${metric} of ${from} is made anew by this design: leave out from: to read what is made, or read it from another place`

function notThere(reference: InputReference): string {
  const { type, from = '' } = reference
  const advice = type === undefined && isRemote(from) ? '; of a metric with a type give type:' : ''
  return `no metric ${nameReference(reference)} in ${from}${advice}`
}

/** The one metric that is meant, where there is one. */
export function onlyOne(metrics: readonly Metric[], error: (message: string) => UserError): Metric | undefined {
  if (metrics.length > 1)
    throw error(
      `several metrics are called ${metrics[0].name}: add type: ${metrics.map(({ type }) => type).join(' or ')}`,
    )
  return metrics[0]
}
