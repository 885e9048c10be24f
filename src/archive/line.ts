import { Kind } from '../metric/points.ts'
import type { Time } from '../time/range.ts'
import { type Json, parseJson } from './json.ts'
import { type CheckIdentity, unknownZone } from './locator.ts'
import { toDouble, toInstant, toInt32, toInt64 } from './number.ts'
import { excerpt, LineReject, type MetricReason, numberFields, type requiredFields, textFields } from './reject.ts'

/** What one line of an archive file says. */
export interface Check extends CheckIdentity {
  readonly time: Time
  readonly metrics: readonly Metric[]
}

/** One metric of a check: a number, something that is none, or malformed. */
export type Metric = { readonly name: string } & MetricValue

type MetricValue =
  /** `exact` is the integer itself where it lies beyond 2^53. */
  | { readonly class: 'number'; readonly kind: Kind; readonly value: number; readonly exact?: bigint }
  | { readonly class: 'not numeric' }
  | { readonly class: 'reject'; readonly reason: MetricReason; readonly text: string }

type Members = ReadonlyMap<string, Json>

/**
 * Reads one line as Blueflood's backfiller does (fields, defaults and coercions of its Gson classes), from strict JSON plus `NaN`
 * and `Infinity`. Throws {@link LineReject}.
 */
export const parseLine = (text: string): Check => readCheck(text, parseJson(text))

/** Reads a line that is parsed already; `text` is its text. */
export function readCheck(text: string, json: Json): Check {
  if (json.type !== 'object') throw new LineReject('not an object')
  const texts = readTexts(json.members)
  const time = readTime(json.members.get('timestamp'))
  const metrics = readMetrics(text, json.members.get('metrics'))
  const required = (field: (typeof requiredFields)[number]): string => {
    const found = texts.get(field)
    if (found === undefined) throw new LineReject(`missing ${field}`)
    return found
  }
  required('accountId')
  return {
    tenantId: required('tenantId'),
    entityId: required('entityId'),
    checkId: required('checkId'),
    checkType: required('checkType'),
    monitoringZoneId: texts.get('monitoringZoneId') ?? unknownZone,
    time,
    metrics,
  }
}

/** The text fields that are there and not null; numbers and booleans are taken as they are written. */
function readTexts(members: Members): Map<string, string> {
  const texts = new Map<string, string>()
  for (const field of textFields) {
    const json = members.get(field)
    if (json === undefined || json.type === 'null') continue
    if (!('text' in json)) throw new LineReject(`invalid ${field}`)
    texts.set(field, json.text)
  }
  return texts
}

function readTime(json: Json | undefined): Time {
  if (json === undefined || json.type === 'null') return 0
  const time = toInstant(json)
  if (time === undefined) throw new LineReject('invalid timestamp')
  return time
}

function readMetrics(text: string, json: Json | undefined): Metric[] {
  if (json === undefined || json.type === 'null') return []
  if (json.type !== 'object') throw new LineReject('invalid metrics')
  if (json.repeats) throw new LineReject('repeated metric')
  return Array.from(json.members, ([name, metric]) => {
    const value = readMetric(metric)
    if (typeof value === 'object') return { name, ...value }
    return { name, class: 'reject', reason: value, text: excerpt(text.slice(metric.start, metric.end)) }
  })
}

/** The value of a metric, or why it is rejected. All number fields must be sound, whichever of them holds the value. */
function readMetric(json: Json): Exclude<MetricValue, { class: 'reject' }> | MetricReason {
  if (json.type !== 'object') return 'metric not an object'
  for (const field of numberFields) {
    const value = json.members.get(field)
    if (value === undefined || value.type === 'null') return `missing ${field}`
  }
  const field = (name: (typeof numberFields)[number]) => json.members.get(name) as Json
  const code = toInt32(field('metricType'))
  if (code === undefined) return 'invalid metricType'
  const double = toDouble(field('valueDbl'))
  if (double === undefined) return 'invalid valueDbl'
  const int64 = toInt64(field('valueI64'))
  if (int64 === undefined) return 'invalid valueI64'
  const int32 = toInt32(field('valueI32'))
  if (int32 === undefined) return 'invalid valueI32'
  return pickValue(code, { double, int64, int32 })
}

/** ASCII codes of the letters that Blueflood gives its types. */
const typeCode = { double: 110, int64: 108, uint64: 76, int32: 105, uint32: 73, string: 115, boolean: 98 } as const

/** Picks the value by the type; unsigned types are read as signed ones. */
function pickValue(code: number, { double, int64, int32 }: { double: number; int64: bigint; int32: number }) {
  switch (code) {
    case typeCode.double:
      return { class: 'number', kind: Kind.double, value: double } as const
    case typeCode.int64:
    case typeCode.uint64:
      return integer(int64)
    case typeCode.int32:
    case typeCode.uint32:
      return { class: 'number', kind: Kind.int32, value: int32 } as const
    case typeCode.string:
    case typeCode.boolean:
      return { class: 'not numeric' } as const
    default:
      return 'unknown metric type'
  }
}

function integer(exact: bigint) {
  const value = Number(exact)
  if (Number.isSafeInteger(value)) return { class: 'number', kind: Kind.int64, value } as const
  return { class: 'number', kind: Kind.int64, value, exact } as const
}
