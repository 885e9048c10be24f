import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps, Agent as SecureAgent } from 'node:https'
import { collect } from '../util/bytes.ts'
import { errorCode, errorMessage, UserError } from '../util/errors.ts'
import { TooLarge, Transient } from './bucket.ts'

export interface HttpRequest {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: IncomingMessage
}

const agent = new Agent({ keepAlive: true })
const secureAgent = new SecureAgent({ keepAlive: true })

/**
 * Sends one request and resolves with whatever is answered. `fetch` would not do: it unpacks bodies that are stored with
 * `Content-Encoding: gzip`, as archive files may be.
 * @throws Transient where the connection fails
 */
export function send({ url, method = 'GET', headers, body, signal }: HttpRequest): Promise<HttpAnswer> {
  const secure = url.startsWith('https:')
  // Node leaves it out of requests such as DELETE, and the body would be taken for another request.
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const sent = (secure ? requestHttps : requestHttp)(
      url,
      { method, headers: { ...headers, ...length }, signal, agent: secure ? secureAgent : agent },
      (message) => resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message }),
    )
    sent.on('error', (error) => reject(connectionError(error, url, signal)))
    sent.end(body)
  })
}

/** The bytes of a body; a connection that breaks is {@link Transient}. */
export async function* bytesOf(
  { body }: { body: AsyncIterable<Uint8Array> },
  url: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw connectionError(error, url, signal)
  }
}

/** The body as JSON. */
export async function jsonOf(answer: HttpAnswer, request: HttpRequest): Promise<unknown> {
  const text = (await collect(bytesOf(answer, request.url, request.signal))).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Transient('server', `${withoutQuery(request.url)} did not answer with JSON`, { cause })
  }
}

/** Ms that the rest of a body is waited for. */
const patience = 1_000

/** Lets go of a body whose rest nobody wants: when that has come the connection can be used again, and where it does not come soon it is cut. */
export function discard({ body }: HttpAnswer): void {
  if (body.destroyed) return
  body.on('error', () => undefined)
  body.resume()
  const timer = setTimeout(() => body.destroy(), patience).unref()
  body.once('close', () => clearTimeout(timer))
}

/** An answer as the error it stands for: transient where the same request may succeed later. */
export function answerError({ status, headers }: HttpAnswer, url: string, now: number): Error {
  const message = `${withoutQuery(url)} answered ${status}`
  const retryAfter = parseRetryAfter(headers['retry-after'], now)
  if (isThrottling(status)) return new Transient('throttled', message, { retryAfter })
  if (status === 413) return new TooLarge(message)
  if (status >= 500 || status === 408) return new Transient('server', message, { retryAfter })
  return new UserError(message)
}

/** 498 is what Swift's own rate limit answers. */
export const isThrottling = (status: number): boolean => status === 429 || status === 498 || status === 503

/** Milliseconds to wait by a Retry-After header: seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function connectionError(error: unknown, url: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason
  const message = `connection to ${new URL(url).host} failed: ${errorMessage(error) || errorCode(error)}`
  return isCertificateProblem(error) ? new UserError(message, { cause: error }) : new Transient('connection', message)
}

const isCertificateProblem = (error: unknown): boolean => /CERT|SIGNATURE|TLS/.test(errorCode(error) ?? '')

const withoutQuery = (url: string): string => url.replace(/\?.*/s, '')
