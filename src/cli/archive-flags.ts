import { readFile } from 'node:fs/promises'
import type { RequestCounts } from '../bucket/counts.ts'
import type { Credentials } from '../bucket/credentials.ts'
import type { OpenOptions } from '../bucket/open.ts'
import type { BluefloodConfig } from '../config/blueflood.ts'
import { parseDuration } from '../time/duration.ts'
import type { Range } from '../time/range.ts'
import { errorCode, usageError } from '../util/errors.ts'
import { parseSize } from '../util/size.ts'
import type { Context } from './context.ts'
import { choice, count, flag, text } from './flags.ts'
import { parseTimes, type TimeFlags, timeFlags } from './values.ts'

/** Flags of the commands that look into a bucket for the files of a period. */
export type ArchiveFlags = TimeFlags & {
  readonly from?: string
  readonly to?: string
  readonly before: number
  readonly after: number
  readonly namePattern?: string
  readonly config?: string
  readonly retries: number
  readonly rateLimit?: number
  readonly maxRequestsPerSecond?: number
  readonly output: 'text' | 'json'
  readonly quiet: boolean
}

/** Reads a Blueflood configuration if one is given. */
export async function readConfig(path: string | undefined): Promise<BluefloodConfig> {
  if (path === undefined) return { credentials: {} }
  const { parseBluefloodConfig } = await import('../config/blueflood.ts')
  return parseBluefloodConfig(await readText(path, 'latin1'))
}

async function readText(path: string, encoding: BufferEncoding): Promise<string> {
  try {
    return await readFile(path, encoding)
  } catch (error) {
    throw usageError(`cannot read ${path}: ${errorCode(error) ?? error}`)
  }
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

/** What opens the bucket: credentials of the environment go before those of the configuration; `NAME_FILE` names a file with `NAME`. */
export async function bucketOptions(
  flags: ArchiveFlags,
  config: BluefloodConfig,
  { env, counts }: { env: Credentials; counts: RequestCounts },
): Promise<OpenOptions> {
  const { retries, rateLimit: bytesPerSecond, maxRequestsPerSecond } = flags
  const credentials = { ...config.credentials, ...(await withSecretFiles(env)) }
  return { credentials, retries, bytesPerSecond, maxRequestsPerSecond, counts }
}

const secrets = ['CLOUDFILES_KEY', 'OS_PASSWORD', 'ST_KEY', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

async function withSecretFiles(env: Credentials): Promise<Credentials> {
  const set = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  const read: [string, string][] = []
  for (const name of secrets) {
    const path = env[`${name}_FILE`]
    if (path) read.push([name, (await readText(path, 'utf8')).trim()])
  }
  return Object.fromEntries([...set, ...read])
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
  ...timeFlags,
  before: { ...text('How far before the range files are taken too', 'duration'), parse: parseDuration, default: '15m' },
  after: { ...text('How far after the range files are taken too', 'duration'), parse: parseDuration, default: '30m' },
  namePattern: { ...text('Regular expression of file names, with groups ts and chunk', 'regex'), optional: true },
  config: {
    ...text('A Blueflood configuration: CLOUDFILES_*, DOWNLOAD_DIR, BATCH_SIZE, REPLAY_PERIOD_*', 'file'),
    optional: true,
  },
  retries: { ...count('retries', 0, 'How often a failed request is made again'), default: '8' },
  rateLimit: { ...text('At most so many bytes a second, such as 20MB/s', 'rate'), parse: parseSize, optional: true },
  maxRequestsPerSecond: { ...text('At most so many requests a second', 'n'), parse: positiveNumber, optional: true },
  output: choice('output', ['text', 'json'], 'Form of the report'),
  quiet: flag('No progress'),
} as const

function positiveNumber(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value < Number.POSITIVE_INFINITY) return value
  throw usageError(`invalid --max-requests-per-second: expected a number above 0, got ${text || 'nothing'}`)
}
