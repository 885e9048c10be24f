import type { Metric } from '../metrics-file/batch.ts'
import { type PythonRandom, pythonRandom } from '../random/python-random.ts'
import type { Seed } from '../random/seed.ts'
import { usageError } from '../util/errors.ts'

interface SeedOptions {
  /** Clusterman's rule: every seed that a user gives is a text. */
  readonly compat: boolean
}

/** Reads `--seed`: an integer seeds as one, any other text as text; `int:` and `str:` force one of them. */
export function parseSeed(text: string, { compat }: SeedOptions): Seed {
  if (text.startsWith('str:')) return text.slice('str:'.length)
  if (text.startsWith('int:')) return parseInteger(text.slice('int:'.length))
  return !compat && isInteger(text) ? BigInt(text) : text
}

/** The text that {@link parseSeed} reads as this seed. */
export function formatSeed(seed: Seed, options: SeedOptions): string {
  const text = String(seed)
  if (parseSeedOr(text, options) === seed) return text
  return `${typeof seed === 'bigint' ? 'int' : 'str'}:${text}`
}

function parseSeedOr(text: string, options: SeedOptions): Seed | undefined {
  return /^int:/.test(text) ? undefined : parseSeed(text, options)
}

const isInteger = (text: string): boolean => /^-?\d+$/.test(text)

function parseInteger(text: string): bigint {
  if (!isInteger(text)) throw usageError(`invalid seed: expected an integer after int:, got ${text || 'nothing'}`)
  return BigInt(text)
}

/**
 * The random stream of one metric. In Python it is `random.Random(f"{seed}/{metric_type}/{metric}")`, with an empty type for a metric that
 * has none, so that adding, removing or moving a metric changes no other. `use` names a further stream of the same metric.
 */
export const metricRandom = (seed: Seed, { type = '', name }: Metric, use?: string): PythonRandom =>
  pythonRandom(`${seed}/${type}/${name}${use === undefined ? '' : `/${use}`}`)
