import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { bodyOf, type FakeServer, serve } from './http-server.ts'

/** What goes wrong with one request. */
export type Fault =
  /** Nothing is passed on; the client gets this answer. */
  | {
      readonly status: number
      readonly retryAfter?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  /** The connection breaks after this part of the body. */
  | { readonly reset: number }
  /** Nothing more comes after this part of the body. */
  | { readonly stall: number }
  /** The body ends after this part, and the length in the header agrees. */
  | { readonly shorten: number }
  /** A byte in the middle of the body is another one. */
  | { readonly flip: true }
  /** The same body as the last request got. */
  | { readonly repeat: true }
  /** The answer comes after so many milliseconds. */
  | { readonly delay: number }
  /** The client gets another body, and so may the server. */
  | { readonly answer: (body: string) => string; readonly ask?: string }

export interface ProxiedRequest {
  /** Path and query, without what stands before the container. */
  readonly path: string
  /** How many requests for the same path came before. */
  readonly times: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface FaultyProxy extends FakeServer {
  /** How often something was broken since the last {@link reset}. */
  faults: number
  /** Every request since the last {@link reset}. */
  readonly requests: ProxiedRequest[]
  /** Forgets every request and breaks nothing. */
  reset(): void
  /** Set by tests. */
  fault: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined>
  /** How often each path's whole body was passed on as it is. */
  readonly wholeBodies: Map<string, number>
}

/** Stands between a client and a server, and breaks what passes as it is told. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const wholeBodies = new Map<string, number>()
  const requests: ProxiedRequest[] = []
  let lastBody: Buffer = Buffer.alloc(0)

  const server = await serve(async (request, response) => {
    const { url: path = '', headers } = request
    const sent = (await bodyOf(request)).toString()
    const times = requests.filter((other) => other.path === path).length
    const proxied = { path, times, headers, body: sent }
    requests.push(proxied)
    const fault = await proxy.fault(proxied)
    if (fault) proxy.faults++
    if (fault && 'status' in fault) {
      if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter)
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    if (fault && 'delay' in fault) await sleep(fault.delay)
    const answer = await forward(target, request, (fault && 'ask' in fault && fault.ask) || sent)
    const body = await bodyOf(answer)
    if (!fault && answer.statusCode === 200) wholeBodies.set(path, (wholeBodies.get(path) ?? 0) + 1)
    const isRepeat = fault !== undefined && 'repeat' in fault
    pass(answer, isRepeat ? lastBody : body, { fault, response })
    if (!isRepeat) lastBody = body
  })

  const proxy: FaultyProxy = {
    ...server,
    wholeBodies,
    requests,
    faults: 0,
    fault: () => undefined,
    reset() {
      wholeBodies.clear()
      requests.length = 0
      proxy.faults = 0
      proxy.fault = () => undefined
    },
  }
  return proxy
}

function forward(target: string, { method, url, headers }: IncomingMessage, body: string): Promise<IncomingMessage> {
  // The Host header stays: Swift builds its storage URL from it, and S3's signature covers it.
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  const kept = headers['content-length'] === undefined ? headers : { ...headers, ...length }
  return new Promise((resolve, reject) => {
    sendRequest(`${target}${url}`, { method, headers: kept }, resolve).on('error', reject).end(body)
  })
}

function pass(
  answer: IncomingMessage,
  whole: Buffer,
  { fault, response }: { fault: Fault | undefined; response: ServerResponse },
): void {
  // A checksum of the body would tell on changes that are part of the play.
  const { 'transfer-encoding': _, 'content-length': __, 'x-amz-crc32': ___, ...headers } = answer.headers
  const body = broken(whole, fault)
  response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': body.length })
  if (fault && 'reset' in fault)
    response.write(body.subarray(0, Math.floor(body.length * fault.reset)), () =>
      setTimeout(() => response.destroy(), 20),
    )
  else if (fault && 'stall' in fault) response.write(body.subarray(0, Math.floor(body.length * fault.stall)))
  else response.end(body)
}

function broken(body: Buffer, fault: Fault | undefined): Buffer {
  if (fault && 'shorten' in fault) return body.subarray(0, Math.floor(body.length * fault.shorten))
  if (fault && 'flip' in fault) return flipped(body)
  if (fault && 'answer' in fault) return Buffer.from(fault.answer(body.toString()))
  return body
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  copy[copy.length >> 1] ^= 1
  return copy
}
