import { z } from 'zod'
import { TooLarge, Transient } from '../../bucket/bucket.ts'
import type { Caller } from '../../bucket/caller.ts'
import { answerError, bytesOf, send } from '../../bucket/http.ts'
import { collect } from '../../util/bytes.ts'
import { UserError, usageError } from '../../util/errors.ts'

export interface ClientOptions {
  /** `https://host:9200`, with a path where there is one. */
  readonly node: string
  /** An index, several with commas, or a pattern. */
  readonly index: string
  /** Value of the Authorization header. */
  readonly authorization?: string
  readonly caller: Caller
  now(): number
}

/** The HTTP interface that Elasticsearch and OpenSearch share. */
export interface SearchClient {
  /** Asks the cluster. */
  get(path: string, signal?: AbortSignal): Promise<unknown>
  /** Asks about the index: `path` comes behind its name. */
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>
  /**
   * Searches, and takes no answer that is not whole. A search of a point in time does not name the index.
   * @throws TooLarge where the service ran out of time; {@link PageTooLarge}
   */
  search(body: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<unknown>
  delete(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>
}

/** A page was larger than the service allows: a smaller one may do. */
export class PageTooLarge extends TooLarge {}

export function searchClient({ node, index, authorization, caller, now }: ClientOptions): SearchClient {
  const root = node.replace(/\/+$/, '')
  const place = index.split(',').map(encodeURIComponent).join(',')
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'application/json',
    ...(authorization !== undefined && { Authorization: authorization }),
  }

  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    rest: { body?: unknown; signal?: AbortSignal },
  ) => {
    const url = `${root}${path}`
    const body = rest.body === undefined ? undefined : JSON.stringify(rest.body)
    const answer = await send({ url, method, headers, body, signal: rest.signal })
    const bytes = await collect(bytesOf(answer, url, rest.signal))
    caller.took({ bytes: bytes.length })
    const text = bytes.toString('utf8')
    if (answer.status === 200) return parseAnswer(text, url)
    throw refusalOf(text, index) ?? answerError(answer, url, now())
  }

  return {
    get: (path, outer) => caller.call((signal) => ask('GET', path, { signal }), outer),
    post: (path, body, outer) => caller.call((signal) => ask('POST', `/${place}${path}`, { body, signal }), outer),
    delete: (path, body, outer) => caller.call((signal) => ask('DELETE', path, { body, signal }), outer),
    search: (body, outer) =>
      caller.call(async (signal) => {
        const path = body.pit ? `/_search?${noParts}` : `/${place}/_search?${noParts}&${noGuesses}`
        const answer = await ask('POST', path, { body, signal })
        requireWhole(answer, index)
        return answer
      }, outer),
  }
}

const noParts = 'allow_partial_search_results=false'
const noGuesses = 'ignore_unavailable=false&allow_no_indices=false'

const outcome = z.object({
  timed_out: z.boolean(),
  _shards: z.object({ total: z.number(), failed: z.number() }),
})

/**
 * An answer of the shape that it must have.
 * @throws Transient where it has another one: something stands between that answers in the service's place
 */
export function shaped<T>(schema: z.ZodType<T>, answer: unknown): T {
  const { data, error } = schema.safeParse(answer)
  if (error) throw new Transient('server', `unexpected answer: ${z.prettifyError(error).replaceAll('\n', ' ')}`)
  return data
}

function requireWhole(answer: unknown, index: string): void {
  const { timed_out: isLate, _shards: shards } = shaped(outcome, answer)
  if (isLate) throw new TooLarge(`${index} ran out of time`)
  if (shards.failed > 0) throw new Transient('server', `${shards.failed} of ${shards.total} shards of ${index} failed`)
}

const textsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const isLongInteger = (token: string): boolean => /^-?\d{16,}$/.test(token)

/** JSON whose integers of 16 digits and more stay as they are, as texts: a double might not hold them. */
function parseAnswer(text: string, url: string): unknown {
  try {
    return JSON.parse(text.replace(textsAndNumbers, (token) => (isLongInteger(token) ? `"${token}"` : token)))
  } catch (cause) {
    throw new Transient('server', `${url.replace(/\?.*/s, '')} did not answer with JSON`, { cause })
  }
}

/** The last of them is a circuit breaker that this request trips by itself. */
const tooMuch = /max_result_window|Result window is too large|"durability"\s*:\s*"PERMANENT"/

/** What an answer that is no success means where its code tells more than the status. */
function refusalOf(text: string, index: string): Error | undefined {
  const types = new Set([...text.matchAll(/"type"\s*:\s*"(\w+)"/g)].map(([, type]) => type))
  const reason = /"reason"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
  const said = reason === undefined ? '' : `: ${JSON.parse(reason)}`
  if (types.has('too_many_buckets_exception') || tooMuch.test(text))
    return new PageTooLarge(`${index} gives less at once${said}`)
  if (types.has('index_not_found_exception')) return usageError(`index not found: ${index}`, 'check -o index=…')
  if (types.has('security_exception')) return usageError(`access denied to ${index}${said}`, 'check the credentials')
  if (types.has('search_context_missing_exception'))
    return new UserError(`the point in time of ${index} has expired`, { hint: 'run the same command again' })
  if (types.has('parsing_exception') || types.has('query_shard_exception') || types.has('illegal_argument_exception'))
    return usageError(`${index} does not understand the query${said}`, 'check -o query=… and the fields')
  return undefined
}
