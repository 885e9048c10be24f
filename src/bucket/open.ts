import { type Clock, systemClock } from '../util/clock.ts'
import { usageError } from '../util/errors.ts'
import { decoded, parameters, parseLocation, schemeOf, shown } from '../util/location.ts'
import type { Bucket } from './bucket.ts'
import { counting, noRequests, type RequestCounts } from './counts.ts'
import { type Credentials, s3Settings, swiftAccount } from './credentials.ts'
import { directoryBucket } from './directory.ts'
import { paced, slowed } from './pace.ts'
import { advancing, fromPages, type PagedBucket } from './pages.ts'
import { retrying } from './retry.ts'
import { type Timeouts, timed } from './timeouts.ts'

/** How a bucket may be reached: plain values, so that other threads can be told. */
export interface BucketAccess {
  /** Variables such as `OS_AUTH_URL`, `CLOUDFILES_KEY` or `AWS_ACCESS_KEY_ID`, by name; docs/buckets.md lists them. */
  readonly credentials?: Credentials
  /** How often a failed request is made again. */
  readonly retries?: number
  readonly maxRequestsPerSecond?: number
  readonly bytesPerSecond?: number
}

export interface OpenOptions extends BucketAccess {
  readonly timeouts?: Timeouts
  /** Counted up with every request. */
  readonly counts?: RequestCounts
  readonly clock?: Clock
}

export const defaultRetries = 8

/**
 * Opens where archive files lie: `s3://bucket/prefix`, `swift://[auth-host]/container/prefix`, or the path of a directory.
 * Nothing is asked for before the first listing or object. Remote buckets are retried, paced and timed.
 */
export function openBucket(location: string, options: OpenOptions = {}): Bucket {
  const { bytesPerSecond, clock = systemClock } = options
  const bucket = openUnlimited(location, options, clock)
  return bytesPerSecond === undefined ? bucket : slowed(bucket, bytesPerSecond, clock)
}

function openUnlimited(location: string, options: OpenOptions, clock: Clock): Bucket {
  const scheme = schemeOf(location)
  if (scheme === undefined) return directoryBucket(location)
  const url = parseLocation(location)
  const credentials = options.credentials ?? {}
  if (scheme === 's3') return polite(openS3(url, credentials, clock), options, clock)
  if (scheme === 'swift') return polite(openSwift(url, credentials, clock), options, clock)
  throw usageError(`unknown bucket: ${location}`, 'give s3://bucket/prefix, swift:///container/prefix or a directory')
}

function polite(driver: PagedBucket, options: OpenOptions, clock: Clock): Bucket {
  const { retries = defaultRetries, maxRequestsPerSecond: maxPerSecond, counts = noRequests(), timeouts } = options
  const requests = counting(timed(advancing(driver), timeouts), counts)
  return fromPages(retrying(paced(requests, { maxPerSecond, clock }), { retries, clock }))
}

/** `s3://bucket/prefix?endpoint=…&region=…&path-style=true&anonymous=true` */
function openS3(url: URL, credentials: Credentials, clock: Clock): PagedBucket {
  const given = parameters(url, ['endpoint', 'region', 'path-style', 'anonymous'])
  const { endpoint, region, keys } = s3Settings(credentials, given)
  const options = {
    url: shown(url),
    bucket: required(url, url.hostname),
    prefix: folder(url.pathname.slice(1)),
    endpoint,
    region,
    credentials: keys,
    // Services of one's own rarely have a host name for each bucket.
    pathStyle: flag('path-style', given['path-style']) ?? endpoint !== undefined,
    anonymous: flag('anonymous', given.anonymous),
    clock,
  }
  return loaded(options.url, async () => (await import('./s3.ts')).s3Bucket(options))
}

/** `swift://[auth-host]/container/prefix?region=…` */
function openSwift(url: URL, credentials: Credentials, clock: Clock): PagedBucket {
  const { region } = parameters(url, ['region'])
  const [container, ...rest] = url.pathname.slice(1).split('/')
  const account = swiftAccount(credentials, { authHost: url.host, region })
  const place = {
    url: shown(url),
    container: decoded(required(url, container)),
    prefix: folder(rest.join('/')),
  }
  return loaded(place.url, async () => {
    const [{ swiftBucket }, { swiftLogin }] = await Promise.all([import('./swift.ts'), import('./swift-auth.ts')])
    return swiftBucket({ ...place, login: swiftLogin(account), clock })
  })
}

/** A bucket whose driver is loaded with the first request. */
function loaded(url: string, load: () => Promise<PagedBucket>): PagedBucket {
  let driver: Promise<PagedBucket> | undefined
  const opened = () => {
    driver ??= load()
    return driver
  }
  return {
    url,
    page: async (options) => (await opened()).page(options),
    get: async (name, options) => (await opened()).get(name, options),
  }
}

function flag(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (text !== 'true' && text !== 'false') throw usageError(`invalid ${name}: expected true or false, got ${text}`)
  return text === 'true'
}

function required(url: URL, text: string): string {
  if (text) return text
  throw usageError(`no bucket named: ${shown(url)}`, 'give s3://bucket/prefix or swift://[auth-host]/container/prefix')
}

/** A prefix is a folder: it ends in a slash, whether given so or not. */
const folder = (path: string): string => decoded(path).replace(/\/*$/, path ? '/' : '')
