import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FakeServer, serve } from './http-server.ts'

export interface FakeSwiftOptions {
  /** Sorted by bytes. */
  readonly names: readonly string[]
  content(name: string): Uint8Array
  /** Bytes of every object where contents are too many to look at for a listing. */
  readonly size?: number
  /** Requests that are answered in each sliding second; those beyond get 429. */
  readonly maxPerSecond?: number
  /** Milliseconds between the pieces of a body. */
  readonly delay?: number
}

export interface FakeSwift extends FakeServer {
  /** What the bucket drivers need to know to log in. */
  readonly credentials: Readonly<Record<string, string>>
  readonly requests: FakeRequest[]
}

export interface FakeRequest {
  readonly time: number
  readonly status: number
  /** Empty for a listing. */
  readonly name: string
  readonly from: number
  /** Bytes that were handed to the system for sending. */
  sent: number
}

const pageSize = 10_000
const piece = 64 * 1024

/** The parts of Swift's API that a download uses, for what the real server is too slow to hold or too patient to refuse. */
export async function startFakeSwift(options: FakeSwiftOptions): Promise<FakeSwift> {
  const requests: FakeRequest[] = []

  const server = await serve(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://fake')
    if (url.pathname === '/auth/v1.0') {
      response
        .setHeader('X-Storage-Url', `http://${request.headers.host}/v1/account`)
        .setHeader('X-Auth-Token', 'token')
      response.end()
      return
    }
    const name = decodeURIComponent(url.pathname.split('/').slice(4).join('/'))
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const status = isTooMany(requests, options.maxPerSecond) ? 429 : from > 0 ? 206 : 200
    const entry = { time: Date.now(), status, name, from, sent: 0 }
    requests.push(entry)
    if (status === 429) response.writeHead(429).end()
    else if (name === '') list(url.searchParams, options, response)
    else await give(entry, options, { request, response })
  })
  const credentials = { ST_AUTH: `${server.url}/auth/v1.0`, ST_USER: 'user', ST_KEY: 'key' }
  return { ...server, credentials, requests }
}

const isTooMany = (requests: readonly FakeRequest[], limit = Number.POSITIVE_INFINITY): boolean => {
  const since = Date.now() - 1000
  return requests.filter(({ time, status }) => time > since && status !== 429).length >= limit
}

function list(query: URLSearchParams, { names, content, size }: FakeSwiftOptions, response: ServerResponse): void {
  const marker = query.get('marker') ?? ''
  const start = names.findIndex((name) => name > marker)
  const page = start < 0 ? [] : names.slice(start, start + pageSize)
  const entries = page.map((name) => {
    if (size !== undefined) return { name, bytes: size, hash: '0'.repeat(32) }
    return { name, bytes: content(name).length, hash: md5(content(name)) }
  })
  response.end(JSON.stringify(entries))
}

async function give(
  entry: FakeRequest,
  { content, delay = 0 }: FakeSwiftOptions,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const bytes = content(entry.name)
  const etag = md5(bytes)
  if (request.headers['if-match'] && request.headers['if-match'] !== `"${etag}"`) {
    response.writeHead(412).end()
    return
  }
  response.writeHead(entry.status, {
    'Content-Length': bytes.length - entry.from,
    'Content-Range': `bytes ${entry.from}-${bytes.length - 1}/${bytes.length}`,
    ETag: etag,
  })
  for (let i = entry.from; i < bytes.length && !response.destroyed; i += piece) {
    const chunk = bytes.subarray(i, i + piece)
    response.write(chunk)
    entry.sent += chunk.length
    if (delay > 0) await sleep(delay)
  }
  response.end()
}

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
