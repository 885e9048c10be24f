import { parseSize } from '../util/size.ts'
import { flag, list, optional, text } from './flags.ts'
import { positiveNumber } from './values.ts'

/** Flags that say what is read of a source, and how fast. */
export type SourceFlags = {
  readonly metric?: readonly string[]
  readonly srcMetricNames?: readonly string[]
  readonly destMetricNames?: readonly string[]
  readonly option?: readonly string[]
  readonly filter?: readonly string[]
  readonly acceptCoarser: boolean
  readonly dedupe: boolean
  readonly concurrency: string
  readonly maxRequestsPerSecond?: number
  readonly maxPointsPerSecond?: number
  readonly maxBytesPerSecond?: number
}

const rate = (name: string, what: string) =>
  optional({ ...text(`At most so many ${what} a second`, 'n'), parse: positiveNumber(name) })

export const sourceFlags = {
  metric: list(text('Metric, with the name that it gets: NAME or NAME=NEW', 'name')),
  option: list(text('Option of the source; `retrofill sources NAME` lists them', 'name=value')),
  acceptCoarser: flag('cloudwatch: take coarser values where those of the period have expired'),
  dedupe: flag('spot-prices: only where the price changes, at times rounded up to a minute, as Clusterman keeps them'),
  concurrency: {
    ...text('Requests to the source at once: a number, or auto, as many as it turns out to bear', 'n'),
    default: 'auto',
  },
  maxRequestsPerSecond: rate('max-requests-per-second', 'requests to the source'),
  maxPointsPerSecond: rate('max-points-per-second', 'points of the source'),
  maxBytesPerSecond: optional({
    ...text('At most so many bytes of the source a second, such as 20MB', 'rate'),
    parse: parseSize,
  }),
  srcMetricNames: { ...list(text('The metrics, as Clusterman calls the flag', 'names')), hidden: true },
  destMetricNames: { ...list(text('Their new names, as Clusterman calls the flag', 'names')), hidden: true },
  filter: { ...list(text('The same as -o filter=…', 'dim:value')), hidden: true },
} as const

/** Flags that say what becomes of points on their way. */
export type ShapeFlags = {
  readonly tag?: readonly string[]
  readonly label?: string
  readonly map?: string
  readonly metricType?: string
}

export const shapeFlags = {
  tag: list(text('Tags: name=value sets one, drop:name, rename:old=new', 'change')),
  label: optional(text("Key of multi-valued metrics, made of tags: '<{inst_type}, {AZ}>'", 'text')),
  map: optional(text("Function of the value: 'x / 1024'", 'function')),
  metricType: optional(text("Clusterman's metric type: system_metrics, app_metrics, metadata", 'type')),
} as const
