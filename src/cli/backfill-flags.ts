import type { FlagParametersForType } from '@stricli/core'
import { parseStep } from '../time/duration.ts'
import type { Context } from './context.ts'
import { type DatabaseFlags, databaseFlags } from './database-flags.ts'
import { choice, count, flag, list, optional, optionalChoice, text } from './flags.ts'
import { type ShapeFlags, type SourceFlags, shapeFlags, sourceFlags } from './source-flags.ts'
import { type TimeFlags, timeFlags } from './time-flags.ts'

export type BackfillFlags = TimeFlags &
  SourceFlags &
  ShapeFlags &
  DatabaseFlags & {
    readonly from?: string
    readonly to?: string
    readonly granularity: string
    readonly mean?: 'exact' | 'blueflood'
    readonly format: 'plain' | 'clusterman'
    readonly order: 'oldest-first' | 'newest-first'
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

/** What `--refresh` means where no range follows it. */
export const impliedRefresh = 'all'

/** The flags as Stricli takes them. */
export const backfillFlags: FlagParametersForType<BackfillFlags, Context> = {
  from: optional(text('Source: one of `retrofill sources`, a lake, a metrics file, or - for standard input', 'source')),
  to: optional(text('Store: a lake, a metrics file *.json.gz, cassandra://… or dynamodb://…', 'store')),
  ...sourceFlags,
  ...timeFlags,
  ...shapeFlags,
  granularity: { ...text('Levels to keep: full, 5m, 20m, 60m, …, with commas', 'levels'), default: 'full' },
  mean: optionalChoice(
    'mean',
    ['exact', 'blueflood'],
    'What the mean of rollups is (default: exact, in Cassandra blueflood)',
  ),
  format: choice('format', ['plain', 'clusterman'], 'What a metrics file looks like'),
  order: choice('order', ['oldest-first', 'newest-first'], 'What is read first'),
  retries: { ...count('retries', 0, 'How often a failed request is made again'), default: '8' },
  refresh: optional(text('Read again what is done: all, or what lies in START/END', 'range')),
  onlyMissing: flag('Read only the hours in which series of the store have holes'),
  every: optional({
    ...text('Time between two points, for --only-missing (default: what is usual)', 'duration'),
    parse: parseStep,
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
} as never
