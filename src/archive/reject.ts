/** The fields of a check that must be there. */
export const requiredFields = ['accountId', 'tenantId', 'entityId', 'checkId', 'checkType'] as const
/** The fields of a check that hold text, if they are there. */
export const textFields = ['id', ...requiredFields, 'target', 'monitoringZoneId', 'collectorId'] as const
/** The fields of a metric that must be there and be numbers, whatever its type. */
export const numberFields = ['metricType', 'valueDbl', 'valueI64', 'valueI32'] as const

type TextField = (typeof textFields)[number]
type NumberField = (typeof numberFields)[number]

/** Why a line gives nothing. */
export type LineReason =
  | 'line too long'
  | 'invalid UTF-8'
  | 'invalid JSON'
  | 'nested too deeply'
  | 'not an object'
  | 'repeated metric'
  | `missing ${(typeof requiredFields)[number]}`
  | `invalid ${TextField | 'timestamp' | 'metrics'}`

/** Why a metric gives no point, though its line is sound. */
export type MetricReason = 'metric not an object' | 'unknown metric type' | `${'missing' | 'invalid'} ${NumberField}`

/** A piece of malformed input. */
export interface Reject {
  /** The line of the input, from 1. */
  readonly line: number
  /** The name of the metric; absent where the whole line is rejected. */
  readonly metric?: string
  readonly reason: LineReason | MetricReason
  /** The beginning of the line's or metric's text. */
  readonly text: string
}

/** How much of a rejected text is kept, in characters. */
const excerptLength = 1024

export const excerpt = (text: string): string => text.slice(0, excerptLength)

/** Thrown where a line turns out to be no check. */
export class LineReject extends Error {
  override readonly name = 'LineReject'
  readonly reason: LineReason

  constructor(reason: LineReason) {
    super(reason)
    this.reason = reason
  }
}
