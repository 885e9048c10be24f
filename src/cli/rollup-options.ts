import { availableParallelism } from 'node:os'
import { parseShards } from '../archive/shards.ts'
import { parseBudget } from '../backfill/budget.ts'
import type { RollupOptions } from '../backfill/options.ts'
import { min5, parseGranularities } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { isRemote } from '../util/location.ts'
import { type BucketFlags, bucketAccess } from './bucket-flags.ts'
import type { ConfigFlags } from './configuration.ts'
import type { Context } from './context.ts'
import { lakeDefaults, type TargetFlags } from './rollup-target.ts'
import { parseTimes } from './time-flags.ts'

export type RollupFlags = BucketFlags &
  ConfigFlags &
  TargetFlags & {
    readonly from: string
    readonly granularity: string
    readonly shards: string
    readonly series?: string
    readonly seriesFile?: string
    readonly namePattern?: string
    readonly listAll: boolean
    readonly bufferedSlots: number
    readonly workers?: number
    readonly batchSize?: number
    readonly kernel: 'fast' | 'general'
    readonly before: number
    readonly after: number
    readonly late: 'reroll' | 'drop' | 'abort'
    readonly maxLate?: number
    readonly maxRejects: string
    readonly follow: boolean
    readonly idleExit?: number
    readonly deleteFiles: boolean
    readonly dryRun: boolean
    readonly allowEmpty: boolean
    readonly allowShrink: boolean
    readonly partialSlots: boolean
    readonly takeOver: boolean
    readonly output: 'text' | 'json'
    readonly quiet: boolean
  }

/** The options of a run but for those whose defaults depend on where it writes. */
export type BaseOptions = Omit<RollupOptions, 'mean' | 'existing' | 'verify'>

export async function parseOptions(context: Context, flags: RollupFlags): Promise<BaseOptions> {
  const { start, end } = await parseTimes(flags, context)
  const granularities = parseGranularities(flags.granularity)
  if (granularities.some(({ size }) => size % min5.size !== 0))
    throw usageError(`invalid --granularity: expected multiples of 5m, got ${flags.granularity}`)
  // Blueflood takes the slots of both ends.
  const range = rangeOf(start, end !== undefined && flags.compat === 'blueflood' ? end + 1 : end)
  // The main thread, which merges, has a core to itself.
  const workers = flags.workers ?? Math.max(1, availableParallelism() - 1)
  return {
    ...flags,
    access: await bucketAccess(flags, context),
    range,
    follow: parseFollow(flags, range),
    granularities,
    shards: parseShards(flags.shards),
    margins: { before: flags.before, after: flags.after },
    late: parseLate(flags),
    budget: parseBudget(flags.maxRejects),
    workers,
    // Reading goes on while a chunk is written; from a bucket that is as many requests at once.
    batchSize: flags.batchSize ?? Math.max(isRemote(flags.from) ? 5 : 24, 2 * workers),
  }
}

function rangeOf(start: number | undefined, end: number | undefined): Range | undefined {
  if (start !== undefined && end !== undefined) return { start, end }
  if (start === undefined && end === undefined) return undefined
  throw usageError(
    'incomplete range: --start-time and --end-time go together',
    'give both, or none to take all there is',
  )
}

function parseLate({ late, maxLate }: RollupFlags): RollupOptions['late'] {
  if (late === 'abort') return { kind: late, maxLate: maxLate ?? 10 }
  if (maxLate !== undefined) throw usageError(`--max-late is for --late abort, got --late ${late}`)
  return { kind: late }
}

function parseFollow(flags: RollupFlags, range: Range | undefined): RollupOptions['follow'] {
  const { follow, idleExit, deleteFiles, late } = flags
  if (!follow && (idleExit !== undefined || deleteFiles))
    throw usageError(`${deleteFiles ? '--delete-files' : '--idle-exit'} is for --follow`)
  if (!follow) return undefined
  if (isRemote(flags.from)) throw usageError(`--follow needs a directory, got ${flags.from}`)
  if (!range) throw usageError('--follow needs --start-time and --end-time', 'it cannot know what is still to come')
  if (deleteFiles && late !== 'reroll')
    throw usageError(
      `--delete-files needs --late reroll, got --late ${late}`,
      'what drops late points reads all files again',
    )
  return { idleExit, deleteFiles }
}

/** The options of a run that writes into a lake. */
export const lakeOptions = (base: BaseOptions, flags: RollupFlags): RollupOptions => ({
  ...base,
  ...lakeDefaults(flags),
})
