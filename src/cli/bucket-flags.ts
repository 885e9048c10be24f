import type { Credentials } from '../bucket/credentials.ts'
import type { BucketAccess } from '../bucket/open.ts'
import { readNamedText } from '../util/named-file.ts'
import { parseSize } from '../util/size.ts'
import type { Context } from './context.ts'
import { count, optional, text } from './flags.ts'
import { type TimeFlags, timeFlags } from './time-flags.ts'
import { positiveNumber } from './values.ts'

/** Flags of the commands that look into a bucket. */
export type BucketFlags = TimeFlags & {
  readonly retries: number
  readonly rateLimit?: number
  readonly maxRequestsPerSecond?: number
}

/** The flags as Stricli takes them. */
export const bucketFlags = {
  ...timeFlags,
  retries: { ...count('retries', 0, 'How often a failed request is made again'), default: '8' },
  rateLimit: optional({ ...text('At most so many bytes a second, such as 20MB/s', 'rate'), parse: parseSize }),
  maxRequestsPerSecond: optional({
    ...text('At most so many requests a second', 'n'),
    parse: positiveNumber('max-requests-per-second'),
  }),
} as const

/**
 * What opens a bucket: variables of the environment go before other credentials; `NAME_FILE` names a file that holds the value of
 * `NAME`.
 */
export async function bucketAccess(
  { retries, rateLimit: bytesPerSecond, maxRequestsPerSecond }: BucketFlags,
  { process, credentials: others = {} }: Pick<Context, 'process' | 'credentials'>,
): Promise<BucketAccess> {
  const credentials = { ...others, ...(await withSecretFiles(process.env)) }
  return { credentials, retries, bytesPerSecond, maxRequestsPerSecond }
}

const secrets = ['CLOUDFILES_KEY', 'OS_PASSWORD', 'ST_KEY', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

async function withSecretFiles(env: Credentials): Promise<Credentials> {
  const set = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  const read: [string, string][] = []
  for (const name of secrets) {
    const path = env[`${name}_FILE`]
    if (path) read.push([name, (await readNamedText(path)).trim()])
  }
  return Object.fromEntries([...set, ...read])
}
