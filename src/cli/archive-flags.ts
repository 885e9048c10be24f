import type { BluefloodConfig } from '../config/blueflood.ts'
import { parseDuration } from '../time/duration.ts'
import type { Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { type BucketFlags, bucketFlags, readText } from './bucket-flags.ts'
import type { Context } from './context.ts'
import { choice, flag, text } from './flags.ts'
import { parseTimes } from './values.ts'

/** Flags of the commands that look into a bucket for the files of a period. */
export type ArchiveFlags = BucketFlags & {
  readonly from?: string
  readonly to?: string
  readonly before: number
  readonly after: number
  readonly namePattern?: string
  readonly config?: string
  readonly output: 'text' | 'json'
  readonly quiet: boolean
}

/** Reads a Blueflood configuration if one is given. */
export async function readConfig(path: string | undefined): Promise<BluefloodConfig> {
  if (path === undefined) return { credentials: {} }
  const { parseBluefloodConfig } = await import('../config/blueflood.ts')
  return parseBluefloodConfig(await readText(path, 'latin1'))
}

/** The range asked for: flags before the configuration's replay period. */
export async function readRange(flags: ArchiveFlags, config: BluefloodConfig, context: Context): Promise<Range> {
  const given = await parseTimes(flags, context)
  const { start = config.start, end = config.stop } = given
  if (start === undefined) throw usageError('no start of the range', 'give --start-time')
  if (end === undefined) throw usageError('no end of the range', 'give --end-time')
  if (start >= end)
    throw usageError(`empty range: ${new Date(start).toISOString()} is not before ${new Date(end).toISOString()}`)
  return { start, end }
}

export function required(value: string | undefined, name: 'from' | 'to'): string {
  if (value) return value
  const what = name === 'from' ? 's3://bucket/prefix, swift:///container/prefix or a directory' : 'a directory'
  throw usageError(`--${name} is missing`, `give ${what}`)
}

/** The flags as Stricli takes them. */
export const archiveFlags = {
  from: {
    ...text('Bucket: s3://bucket/prefix, swift://[auth-host]/container/prefix or a directory', 'url'),
    optional: true,
  },
  to: { ...text('Directory of the files', 'dir'), optional: true },
  before: { ...text('How far before the range files are taken too', 'duration'), parse: parseDuration, default: '15m' },
  after: { ...text('How far after the range files are taken too', 'duration'), parse: parseDuration, default: '30m' },
  namePattern: { ...text('Regular expression of file names, with groups ts and chunk', 'regex'), optional: true },
  config: {
    ...text('A Blueflood configuration: CLOUDFILES_*, DOWNLOAD_DIR, BATCH_SIZE, REPLAY_PERIOD_*', 'file'),
    optional: true,
  },
  ...bucketFlags,
  output: choice('output', ['text', 'json'], 'Form of the report'),
  quiet: flag('No progress'),
} as const
