import { Kind } from '../metric/points.ts'
import type { SoundLine } from './general.ts'
import type { Json, JsonObject } from './json.ts'
import type { Metric } from './line.ts'
import type { CheckIdentity } from './locator.ts'
import { createTemplate, Field, type Span, type Template } from './template.ts'

/** The beginning of a line, up to its metrics. Its only value is the timestamp. */
export interface Head extends Template {
  /** The identity of the check that it was learnt from. */
  readonly sample: CheckIdentity
  /** The parts of the identity that vary, in the order of the keys. */
  readonly keys: readonly (keyof CheckIdentity)[]
}

/** The rest of a line: its metrics and what follows them. Its values are those of the numeric metrics. */
export interface Body extends Template {
  readonly names: readonly string[]
  readonly kinds: Uint8Array
  readonly notNumeric: number
}

export interface LearntLine {
  readonly head: Head
  readonly body: Body
}

/** A field, and the name of the member that it is the value of. */
interface NamedSpan extends Span {
  readonly name: string
}

const identityFields: readonly string[] = [
  'tenantId',
  'entityId',
  'checkId',
  'checkType',
  'monitoringZoneId',
] satisfies (keyof CheckIdentity)[]

/**
 * Makes templates of a line such that whatever matches any head followed by any body means what the general reader says. That holds
 * whatever stands in the places of the fields in this line. So what a line must have stands in the head. Undefined for lines whose
 * meaning hangs on more than fields.
 */
export function learn({ text, json, check }: SoundLine): LearntLine | undefined {
  if (json.type !== 'object' || json.repeats) return undefined
  const metrics = json.members.get('metrics')
  if (metrics?.type !== 'object') return undefined
  const isLate = (name: string) => (json.members.get(name)?.start ?? 0) > metrics.start
  if (!json.members.has('timestamp') || ['timestamp', 'accountId', ...identityFields].some(isLate)) return undefined
  const body = learnBody(text.slice(metrics.start), metrics, check.metrics)
  return body && { head: learnHead(text.slice(0, metrics.start), json, check), body }
}

function learnHead(text: string, { members }: JsonObject, sample: CheckIdentity): Head {
  const spans = Array.from(members, ([name, value]) => headSpan(name, value)).filter(
    (span) => span !== undefined && span.end <= text.length,
  ) as NamedSpan[]
  const keys = spans.filter((span) => span.field === Field.key).map((span) => span.name as keyof CheckIdentity)
  return { ...createTemplate(text, spans), sample, keys }
}

/** What varies in a member of a check: the timestamp, texts, and booleans that are not an identity's text. */
function headSpan(name: string, value: Json): NamedSpan | undefined {
  const isIdentity = identityFields.includes(name)
  if (name === 'timestamp') return { name, field: Field.int64, start: value.start, end: value.end }
  if (value.type === 'string') return { name, ...inside(value), field: isIdentity ? Field.key : Field.text }
  if (value.type === 'boolean' && !isIdentity) return { name, field: Field.boolean, start: value.start, end: value.end }
  return undefined
}

function learnBody(text: string, json: JsonObject, metrics: readonly Metric[]): Body | undefined {
  const objects = [...json.members.values()]
  const spans = metrics.map((metric, i) => metricSpans(metric, objects[i]))
  if (!spans.every((found) => found !== undefined)) return undefined
  const shifted = spans.flat().map((span) => ({ ...span, start: span.start - json.start, end: span.end - json.start }))
  const numbers = metrics.filter((metric) => metric.class === 'number')
  return {
    ...createTemplate(text, shifted),
    names: numbers.map((metric) => metric.name),
    kinds: Uint8Array.from(numbers, (metric) => metric.kind),
    notNumeric: metrics.length - numbers.length,
  }
}

const valueFields = {
  [Kind.double]: { name: 'valueDbl', field: Field.double },
  [Kind.int64]: { name: 'valueI64', field: Field.int64 },
  [Kind.int32]: { name: 'valueI32', field: Field.int32 },
} as const

/** What varies in a metric. Undefined where the metric is malformed. */
function metricSpans(metric: Metric, json: Json): Span[] | undefined {
  if (metric.class === 'reject' || json.type !== 'object' || json.repeats) return undefined
  const value = metric.class === 'number' ? valueFields[metric.kind] : undefined
  return [...json.members].flatMap(([name, member]): Span[] => {
    const { start, end } = member
    if (name === value?.name) return [{ start, end, field: value.field }]
    if (name === 'valueStr' && member.type === 'string') return [{ ...inside(member), field: Field.text }]
    if (name === 'valueBool' && member.type === 'boolean' && !value) return [{ start, end, field: Field.boolean }]
    return isUnused(name, member) ? [{ start, end, field: Field.number }] : []
  })
}

/** Whether a number of another type than the metric's varies all the same: it is 0 as a rule, and then best left constant. */
const isUnused = (name: string, json: Json): boolean =>
  json.type === 'number' && json.text !== '0' && ['valueDbl', 'valueI64', 'valueI32'].includes(name)

/** The place between the quotes of a string. */
const inside = ({ start, end }: Json) => ({ start: start + 1, end: end - 1 })
