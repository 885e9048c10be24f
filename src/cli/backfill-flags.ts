import type { FlagParametersForType } from '@stricli/core'
import { parseDuration } from '../time/duration.ts'
import { parseSize } from '../util/size.ts'
import type { Context } from './context.ts'
import { type DatabaseFlags, databaseFlags } from './database-flags.ts'
import { choice, count, flag, optionalChoice, text } from './flags.ts'
import { positiveNumber, type TimeFlags, timeFlags } from './values.ts'

export type BackfillFlags = TimeFlags &
  DatabaseFlags & {
    readonly from?: string
    readonly to?: string
    readonly metric?: readonly string[]
    readonly srcMetricNames?: readonly string[]
    readonly destMetricNames?: readonly string[]
    readonly option?: readonly string[]
    readonly filter?: readonly string[]
    readonly tag?: readonly string[]
    readonly label?: string
    readonly map?: string
    readonly metricType?: string
    readonly granularity: string
    readonly mean?: 'exact' | 'blueflood'
    readonly format: 'plain' | 'clusterman'
    readonly order: 'oldest-first' | 'newest-first'
    readonly concurrency: string
    readonly maxRequestsPerSecond?: number
    readonly maxPointsPerSecond?: number
    readonly maxBytesPerSecond?: number
    readonly retries: number
    readonly refresh?: string
    readonly onlyMissing: boolean
    readonly every?: number
    readonly dryRun: boolean
    readonly price?: readonly string[]
    readonly verify: 'full' | 'sample' | 'none'
    readonly existing: 'refuse' | 'replace' | 'keep' | 'larger-count'
    readonly yes: boolean
    readonly allowEmpty: boolean
    readonly allowShrink: boolean
    readonly allowLossy: boolean
    readonly partialSlots: boolean
    readonly takeOver: boolean
    readonly stateDir?: string
    readonly output: 'text' | 'json'
    readonly quiet: boolean
  }

const optional = <Flag extends object>(given: Flag) => ({ ...given, optional: true }) as const
const list = <Flag extends object>(given: Flag) => ({ ...given, variadic: true, optional: true }) as const
const rate = (name: string, what: string) =>
  optional({ ...text(`At most so many ${what} a second`, 'n'), parse: positiveNumber(name) })

/** What `--refresh` means where no range follows it. */
export const impliedRefresh = 'all'

/** The flags as Stricli takes them. */
export const backfillFlags: FlagParametersForType<BackfillFlags, Context> = {
  from: optional(text('Source: one of `retrofill sources`, a lake, a metrics file, or - for standard input', 'source')),
  to: optional(text('Store: a lake, a metrics file *.json.gz, cassandra://… or dynamodb://…', 'store')),
  metric: list(text('Metric, with the name that it gets: NAME or NAME=NEW', 'name')),
  ...timeFlags,
  option: list(text('Option of the source; `retrofill sources NAME` lists them', 'name=value')),
  tag: list(text('Tags: name=value sets one, drop:name, rename:old=new', 'change')),
  label: optional(text("Key of multi-valued metrics, made of tags: '<{inst_type}, {AZ}>'", 'text')),
  map: optional(text("Function of the value: 'x / 1024'", 'function')),
  metricType: optional(text("Clusterman's metric type: system_metrics, app_metrics, metadata", 'type')),
  granularity: { ...text('Levels to keep: full, 5m, 20m, 60m, …, with commas', 'levels'), default: 'full' },
  mean: optionalChoice(
    'mean',
    ['exact', 'blueflood'],
    'What the mean of rollups is (default: exact, in Cassandra blueflood)',
  ),
  format: choice('format', ['plain', 'clusterman'], 'What a metrics file looks like'),
  order: choice('order', ['oldest-first', 'newest-first'], 'What is read first'),
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
  retries: { ...count('retries', 0, 'How often a failed request is made again'), default: '8' },
  refresh: optional(text('Read again what is done: all, or what lies in START/END', 'range')),
  onlyMissing: flag('Read only the hours in which series of the store have holes'),
  every: optional({
    ...text('Time between two points, for --only-missing (default: what is usual)', 'duration'),
    parse: parseDuration,
  }),
  ...databaseFlags,
  dryRun: flag('Say what would be done and what it would cost, and do nothing'),
  price: list(text('Another price for --dry-run, in US dollars', 'item=dollars')),
  verify: choice('verify', ['full', 'sample', 'none'], 'How points are compared with what was written'),
  existing: choice(
    'existing',
    ['refuse', 'replace', 'keep', 'larger-count'],
    'What becomes of points that others have written',
  ),
  yes: flag('Replace points that others have written'),
  allowEmpty: flag('No points at all is no failure'),
  allowShrink: flag('Let a part be made again with fewer points'),
  allowLossy: flag('Let a store round what it cannot hold exactly'),
  partialSlots: flag('Write coarse slots that lie only partly in the range'),
  takeOver: flag('Take over the lock of a dead process on another host'),
  stateDir: optional(text("Folder of the job's state, where the store cannot keep it", 'dir')),
  output: choice('output', ['text', 'json'], 'Form of the report'),
  quiet: flag('No progress'),
  srcMetricNames: { ...list(text('The metrics, as Clusterman calls the flag', 'names')), hidden: true },
  destMetricNames: { ...list(text('Their new names, as Clusterman calls the flag', 'names')), hidden: true },
  filter: { ...list(text('The same as -o filter=…', 'dim:value')), hidden: true },
} as never
