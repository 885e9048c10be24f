import type { Clock } from '../util/clock.ts'
import { usageError } from '../util/errors.ts'
import { type GetOptions, type ListOptions, ObjectChanged, ObjectMissing, Transient } from './bucket.ts'
import { answerError, bytesOf, discard, type HttpAnswer, jsonOf, send } from './http.ts'
import type { Content, Page, PagedBucket } from './pages.ts'
import type { SwiftLogin, SwiftSession } from './swift-auth.ts'

export interface SwiftOptions {
  /** What the bucket is called in messages. */
  readonly url: string
  readonly container: string
  /** What every name of an object begins with; names are told without it. */
  readonly prefix?: string
  readonly login: SwiftLogin
  readonly clock: Clock
}

/** A container of OpenStack Swift or Rackspace Cloud Files. https://docs.openstack.org/api-ref/object-store/ */
export function swiftBucket(options: SwiftOptions): PagedBucket {
  const { url, container, prefix: root = '', clock } = options
  const get = authorised(options.login)
  const objectPath = (name: string) => `${encodeURIComponent(container)}/${encodePath(root + name)}`

  return {
    url,

    async page({ prefix = '', after, signal }: ListOptions): Promise<Page> {
      const query = new URLSearchParams({ format: 'json', prefix: root + prefix })
      if (after !== undefined) query.set('marker', root + after)
      const request = { url: `${encodeURIComponent(container)}?${query}`, signal }
      const answer = await get(request)
      if (answer.status === 204) return { objects: [], more: false }
      if (answer.status !== 200) throw failure(answer, () => usageError(`container not found: ${url}`))
      const entries = (await jsonOf(answer, request)) as SwiftEntry[]
      const objects = entries.map(({ name, bytes, hash, slo_etag: manifest }) => {
        return { name: name.slice(root.length), size: bytes, etag: unquoted(manifest ?? hash) }
      })
      // Only an empty page is surely the last one: how long a page may be is the cluster's choice.
      return { objects, more: objects.length > 0 }
    },

    async get(name: string, { offset = 0, ifMatch, signal }: GetOptions = {}): Promise<Content> {
      const headers: Record<string, string> = {}
      if (offset > 0) headers.Range = `bytes=${offset}-`
      if (ifMatch !== undefined) headers['If-Match'] = `"${ifMatch}"`
      const answer = await get({ url: objectPath(name), headers, signal })
      if (answer.status === 412 || answer.status === 416 || (offset > 0 && answer.status === 200))
        throw failure(answer, () => new ObjectChanged(`${name} in ${url} has changed`))
      if (answer.status !== 200 && answer.status !== 206)
        throw failure(answer, () => new ObjectMissing(`${name} is not in ${url}`))
      return content(answer, bytesOf(answer, url, signal))
    },
  }

  function failure(answer: HttpAnswer, otherwise: () => Error): Error {
    discard(answer)
    if ([404, 412, 416, 200].includes(answer.status)) return otherwise()
    if (answer.status === 403) return usageError(`access denied: ${url}`, 'check the account and the container')
    return answerError(answer, url, clock.now())
  }
}

interface SwiftEntry {
  readonly name: string
  readonly bytes: number
  readonly hash: string
  readonly slo_etag?: string
}

interface Authorised {
  /** Below the account. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A login that is under way or has succeeded. */
interface Opening {
  readonly session: Promise<SwiftSession>
  giveUp(): void
}

/** Sends requests with the session's token; one login serves all requests, and a token that has expired is renewed once. */
function authorised(login: SwiftLogin): (request: Authorised) => Promise<HttpAnswer> {
  let current: Opening | undefined

  const forget = (opening: Opening): void => {
    if (current === opening) current = undefined
  }

  const open = (): Opening => {
    const left = new AbortController()
    const giveUp = () => {
      forget(opening)
      left.abort(new Transient('connection', 'logging in was given up'))
    }
    // Not with the signal of one request: others wait for the same session.
    const opening: Opening = { session: login(left.signal), giveUp }
    opening.session.catch(() => forget(opening))
    return opening
  }

  /** Whoever gives up waiting has waited no longer than the login has taken: it is given up too, and the others try again. */
  const sessionOf = async ({ session, giveUp }: Opening, signal?: AbortSignal): Promise<SwiftSession> => {
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      return await session
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  const attempt = async ({ url, headers, signal }: Authorised, opening: Opening): Promise<HttpAnswer> => {
    const { storageUrl, token } = await sessionOf(opening, signal)
    return send({ url: `${storageUrl}/${url}`, headers: { ...headers, 'X-Auth-Token': token }, signal })
  }

  const opened = (signal?: AbortSignal): Opening => {
    signal?.throwIfAborted()
    current ??= open()
    return current
  }

  return async (request) => {
    const mine = opened(request.signal)
    const answer = await attempt(request, mine)
    if (answer.status !== 401) return answer
    discard(answer)
    forget(mine)
    const renewed = await attempt(request, opened(request.signal))
    if (renewed.status !== 401) return renewed
    discard(renewed)
    throw usageError('the object storage refuses the token it was just given', 'check the account and the region')
  }
}

function content({ headers, status }: HttpAnswer, bytes: AsyncIterable<Uint8Array>): Content {
  const total = status === 206 ? headers['content-range']?.split('/')[1] : headers['content-length']
  const etag = unquoted(headers.etag ?? '')
  // The ETag of an object made of segments is no digest of its content.
  const whole = headers['x-static-large-object'] === undefined && headers['x-object-manifest'] === undefined
  return { bytes, size: Number(total), etag, md5: whole ? etag : undefined }
}

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')

const encodePath = (name: string): string => name.split('/').map(encodeURIComponent).join('/')
