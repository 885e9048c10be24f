import type { Metric } from '../metrics-file/batch.ts'
import { identity } from '../metrics-file/identity.ts'
import { type UserError, usageError } from '../util/errors.ts'
import { type DesignText, listed, parseDesignText } from './design-text.ts'
import { type Problem, problemsOf, show } from './issues.ts'
import { type MetricDesign, metricSchema } from './schema.ts'

/** A metric of a design, as it was written. */
export interface DesignedMetric {
  readonly metric: Metric
  readonly design: MetricDesign
  /** An error about one of its fields, which names file, line, column, metric and field. */
  error(path: readonly PropertyKey[], message: string): UserError
}

const metricFields = ['start_time', 'end_time', 'frequency', 'values', 'dict_keys']

/**
 * Reads an experimental design: metrics by name, or by metric type and name, in the order of the text. Anchors, aliases and merge keys
 * are resolved.
 * @param name of the file, for messages
 * @throws a usage error that lists everything that is wrong, each with its line and column
 */
export function parseDesign(text: string, name: string): DesignedMetric[] {
  const design = parseDesignText(text, name)
  const problems: Problem[] = []
  const found = entries(design, problems)
  problems.push(...sameSeries(found))
  const metrics = found.map((entry) => checkMetric(entry, problems, design))
  if (problems.length > 0) throw usageError(listed(problems.map(design.locate)))
  if (metrics.length === 0) throw usageError(`${name}: the design has no metrics`)
  return metrics
}

interface Entry {
  readonly metric: Metric
  readonly path: readonly string[]
  readonly fields: unknown
}

/** The metrics of both grammars: a top-level name whose value has the fields of a metric is one. */
function entries({ content, membersOf }: DesignText, problems: Problem[]): Entry[] {
  return membersOf([], content).flatMap(([name, value]): Entry[] => {
    if (!isObject(value)) {
      problems.push({ path: [name], message: `expected the fields of a metric or metrics by name, got ${show(value)}` })
      return []
    }
    if (metricFields.some((field) => field in value)) return [{ metric: { name }, path: [name], fields: value }]
    return membersOf([name], value).map(([metric, fields]) => ({
      metric: { type: name, name: metric },
      path: [name, metric],
      fields,
    }))
  })
}

/** Metrics whose series has been designed before, be it with its dimensions in another order. */
function sameSeries(entries: readonly Entry[]): Problem[] {
  const first = new Map<string, Entry>()
  return entries.flatMap((entry) => {
    const other = first.get(identity(entry.metric))
    if (other) return [{ path: entry.path, message: `is the same series as ${other.path.join('.')}: design it once` }]
    first.set(identity(entry.metric), entry)
    return []
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkMetric({ metric, path, fields }: Entry, problems: Problem[], { locate }: DesignText): DesignedMetric {
  const error = (inner: readonly PropertyKey[], message: string) =>
    usageError(locate({ path: [...path, ...inner], message }))
  const result = metricSchema.safeParse(fields)
  if (!result.success) problems.push(...problemsOf(result.error.issues, fields, path))
  return { metric, design: result.data as MetricDesign, error }
}
