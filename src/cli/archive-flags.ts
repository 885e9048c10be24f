import { parseDuration } from '../time/duration.ts'
import type { Range } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { type BucketFlags, bucketFlags } from './bucket-flags.ts'
import { type ConfigFlags, configFlags } from './configuration.ts'
import type { Context } from './context.ts'
import { choice, flag, optional, text } from './flags.ts'
import { parseTimes } from './time-flags.ts'

/** Flags of the commands that look into a bucket for the files of a period. */
export type ArchiveFlags = BucketFlags &
  ConfigFlags & {
    readonly from?: string
    readonly to?: string
    readonly before: number
    readonly after: number
    readonly namePattern?: string
    readonly output: 'text' | 'json'
    readonly quiet: boolean
  }

/** The range asked for. */
export async function readArchiveRange(flags: ArchiveFlags, context: Context): Promise<Range> {
  const { start, end } = await parseTimes(flags, context)
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
  from: optional(text('Bucket: s3://bucket/prefix, swift://[auth-host]/container/prefix or a directory', 'url')),
  to: optional(text('Directory of the files', 'dir')),
  before: { ...text('How far before the range files are taken too', 'duration'), parse: parseDuration, default: '15m' },
  after: { ...text('How far after the range files are taken too', 'duration'), parse: parseDuration, default: '30m' },
  namePattern: optional(text('Regular expression of file names, with groups ts and chunk', 'regex')),
  ...configFlags,
  ...bucketFlags,
  output: choice('output', ['text', 'json'], 'Form of the report'),
  quiet: flag('No progress'),
} as const
