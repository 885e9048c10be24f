import { type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import { bodyOf, type FakeServer, serve } from './http-server.ts'

/** What goes wrong with one request. */
export type Fault =
  /** Nothing is passed on; the client gets this answer. */
  | { readonly status: number; readonly retryAfter?: string }
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

export interface ProxiedRequest {
  /** Path and query, without what stands before the container. */
  readonly path: string
  /** How many requests for the same path came before. */
  readonly times: number
}

export interface FaultyProxy extends FakeServer {
  /** How often something was broken since the last {@link reset}. */
  faults: number
  /** Forgets every request and breaks nothing. */
  reset(): void
  /** Set by tests. */
  fault: (request: ProxiedRequest) => Fault | undefined | Promise<Fault | undefined>
  /** How often each path's whole body was passed on as it is. */
  readonly wholeBodies: Map<string, number>
}

/** Stands between a client and a server, and breaks what passes as it is told. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const times = new Map<string, number>()
  const wholeBodies = new Map<string, number>()
  let lastBody: Buffer = Buffer.alloc(0)

  const server = await serve(async (request, response) => {
    const path = request.url ?? ''
    const before = times.get(path) ?? 0
    times.set(path, before + 1)
    const fault = await proxy.fault({ path, times: before })
    if (fault) proxy.faults++
    if (fault && 'status' in fault) {
      if (fault.retryAfter !== undefined) response.setHeader('Retry-After', fault.retryAfter)
      response.writeHead(fault.status).end()
      return
    }
    const answer = await forward(target, request)
    const body = await bodyOf(answer)
    if (!fault && answer.statusCode === 200) wholeBodies.set(path, (wholeBodies.get(path) ?? 0) + 1)
    const isRepeat = fault !== undefined && 'repeat' in fault
    pass(answer, isRepeat ? lastBody : body, { fault, response })
    if (!isRepeat) lastBody = body
  })

  const proxy: FaultyProxy = {
    ...server,
    wholeBodies,
    faults: 0,
    fault: () => undefined,
    reset() {
      for (const counts of [times, wholeBodies]) counts.clear()
      proxy.faults = 0
      proxy.fault = () => undefined
    },
  }
  return proxy
}

function forward(target: string, { method, url, headers }: IncomingMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // The Host header stays: Swift builds its storage URL from it, and S3's signature covers it.
    sendRequest(`${target}${url}`, { method, headers }, resolve).on('error', reject).end()
  })
}

function pass(
  answer: IncomingMessage,
  whole: Buffer,
  { fault, response }: { fault: Fault | undefined; response: ServerResponse },
): void {
  const { 'transfer-encoding': _, 'content-length': __, ...headers } = answer.headers
  const shortened = fault && 'shorten' in fault ? whole.subarray(0, Math.floor(whole.length * fault.shorten)) : whole
  const body = fault && 'flip' in fault ? flipped(shortened) : shortened
  response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': body.length })
  if (fault && 'reset' in fault)
    response.write(body.subarray(0, Math.floor(body.length * fault.reset)), () =>
      setTimeout(() => response.destroy(), 20),
    )
  else if (fault && 'stall' in fault) response.write(body.subarray(0, Math.floor(body.length * fault.stall)))
  else response.end(body)
}

function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  copy[copy.length >> 1] ^= 1
  return copy
}
