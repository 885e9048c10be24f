import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import type { Metric } from '../metrics-file/batch.ts'
import { type UserError, usageError } from '../util/errors.ts'
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
const mostProblems = 10

/**
 * Reads an experimental design: metrics by name, or by metric type and name. Anchors, aliases and merge keys are resolved.
 * @param name of the file, for messages
 * @throws a usage error that lists everything that is wrong, each with its line and column
 */
export function parseDesign(text: string, name: string): DesignedMetric[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const located = (problem: Problem) => locate(problem, { document, lines, name })
  const syntax = document.errors.map(
    ({ message, pos }) => `${name}:${position(lines, pos[0])}: ${message.toLowerCase()}`,
  )
  if (syntax.length > 0) throw usageError(syntax.slice(0, mostProblems).join('\n'))
  const content = readContent(document, name)
  const problems: Problem[] = []
  const metrics = entries(content, problems).map((entry) => checkMetric(entry, problems, located))
  if (problems.length > 0) throw usageError(problems.slice(0, mostProblems).map(located).join('\n'))
  if (metrics.length === 0) throw usageError(`${name}: the design has no metrics`)
  return metrics
}

function readContent(document: Document, name: string): Record<string, unknown> {
  const content = toJs(document, name)
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>
  throw usageError(`${name}:1:1: expected metrics by name, got ${show(content)}`)
}

function toJs(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    throw usageError(`${name}: ${(error as Error).message.toLowerCase()}`)
  }
}

interface Entry {
  readonly metric: Metric
  readonly path: readonly string[]
  readonly fields: unknown
}

/** The metrics of both grammars: a top-level name whose value has the fields of a metric is one. */
function entries(content: Record<string, unknown>, problems: Problem[]): Entry[] {
  return Object.entries(content).flatMap(([name, value]): Entry[] => {
    if (!isObject(value)) {
      problems.push({ path: [name], message: `expected the fields of a metric or metrics by name, got ${show(value)}` })
      return []
    }
    if (metricFields.some((field) => field in value)) return [{ metric: { name }, path: [name], fields: value }]
    return Object.entries(value).map(([metric, fields]) => ({
      metric: { type: name, name: metric },
      path: [name, metric],
      fields,
    }))
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function checkMetric(
  { metric, path, fields }: Entry,
  problems: Problem[],
  located: (problem: Problem) => string,
): DesignedMetric {
  const error = (inner: readonly PropertyKey[], message: string) =>
    usageError(located({ path: [...path, ...inner], message }))
  const result = metricSchema.safeParse(fields)
  if (!result.success) problems.push(...problemsOf(result.error.issues, fields, path))
  return { metric, design: result.data as MetricDesign, error }
}

interface Source {
  readonly document: Document
  readonly lines: LineCounter
  readonly name: string
}

/** `design.yaml:12:9: app_metrics.runs.values: …` */
function locate({ path, message }: Problem, { document, lines, name }: Source): string {
  const offset = offsetOf(document, document.contents as Node | null, path)
  return `${name}:${position(lines, offset)}: ${path.map(String).join('.')}: ${message}`
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

/** Where the node at `path` starts, or the innermost node around it that stands in the text. */
function offsetOf(document: Document, node: Node | null, path: readonly PropertyKey[]): number {
  const found = isAlias(node) ? node.resolve(document) : node
  const start = node?.range?.[0] ?? 0
  if (path.length === 0 || !found) return start
  const [key, ...rest] = path
  if (isSeq(found)) return offsetOf(document, (found.items[Number(key)] as Node | undefined) ?? node, rest)
  const pair = isMap(found) ? findPair(document, found, String(key)) : undefined
  if (!pair) return start
  if (rest.length === 0 || !pair.value) return (pair.key as Node).range?.[0] ?? start
  return offsetOf(document, pair.value as Node, rest)
}

function findPair(document: Document, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)
  if (own) return own
  const merged = map.items.find((pair) => isScalar(pair.key) && pair.key.source === '<<')?.value
  const target = isAlias(merged) ? merged.resolve(document) : merged
  return isMap(target) ? findPair(document, target, key) : undefined
}
