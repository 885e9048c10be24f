import { resolve } from 'node:path'
import { usageError } from '../util/errors.ts'

/** Whether a location is a URL, and not the path of a directory. */
export const isRemote = (location: string): boolean => schemeOf(location) !== undefined

/** What a location is called in the description of a job: absolute, and without what says only how to get there. */
export function nameLocation(location: string): string {
  if (!isRemote(location)) return resolve(location)
  const url = parseLocation(location)
  const endpoint = url.searchParams.get('endpoint')
  return withoutParameters(url).replace(/\/+$/, '') + (endpoint === null ? '' : `?endpoint=${endpoint}`)
}

/** The scheme of a URL, in lower case. */
export const schemeOf = (location: string): string | undefined =>
  /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1].toLowerCase()

/** A location that is a URL. Throws where it holds a secret, or cannot be understood. */
export function parseLocation(location: string): URL {
  if (/^[^/]*\/\/[^/]*@/.test(location))
    throw usageError('a location must not hold a user or a password', 'give them by environment variables')
  try {
    return new URL(location)
  } catch {
    throw usageError(`invalid location: ${location}`)
  }
}

/** A URL as messages show it. */
export const withoutParameters = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`
