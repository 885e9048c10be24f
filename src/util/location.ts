import { resolve } from 'node:path'
import { usageError } from './errors.ts'

/**
 * Reads a URL that names a place, such as `s3://bucket/prefix?region=eu-west-1`.
 * @throws a usage error where it is none, or holds a secret
 */
export function parseLocation(location: string): URL {
  const problem = usageError('a location must not hold a user or a password', 'give them by environment variables')
  if (/^[^/]*\/\/[^/]*@/.test(location)) throw problem
  const url = URL.canParse(location) ? new URL(location) : undefined
  // A password with a slash in it makes a URL that is none.
  if (!url) throw location.includes('@') ? problem : usageError(`invalid location: ${location}`)
  if (url.hash === '') return url
  throw usageError(`invalid location: what begins with # would be left out of ${location}`, 'write %23 instead of #')
}

/** What a part of a location stands for. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw usageError(`invalid location: a % in ${part} stands for nothing`, 'write %25 where a name has one')
  }
}

/** The parameters of a location, which must be among those known. */
export function parameters<Name extends string>(url: URL, known: readonly Name[]): Partial<Record<Name, string>> {
  const given = Object.fromEntries(url.searchParams)
  const unknown = Object.keys(given).find((name) => !known.some((other) => other === name))
  if (unknown) throw usageError(`unknown parameter in ${shown(url)}: ${unknown}`, `known are ${known.join(', ')}`)
  return given as Partial<Record<Name, string>>
}

/** A location as messages show it. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/** The scheme of a URL, in lower case; undefined for a path. */
export const schemeOf = (location: string): string | undefined =>
  /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1].toLowerCase()

/** Whether a location is a URL, and not the path of a directory. */
export const isRemote = (location: string): boolean => schemeOf(location) !== undefined

/** What a location is called in the description of a job: absolute, and without what says only how to get there. */
export function nameLocation(location: string): string {
  if (!isRemote(location)) return resolve(location)
  const url = parseLocation(location)
  const endpoint = url.searchParams.get('endpoint')
  return shown(url).replace(/\/+$/, '') + (endpoint === null ? '' : `?endpoint=${endpoint}`)
}
