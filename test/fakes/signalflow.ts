import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { bodyOf, type FakeServer, serve } from './http-server.ts'

/** A series as the service has it: raw points, as `[ms, value]`. */
export interface SignalFxSeries {
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly points: readonly (readonly [number, number])[]
}

/** What goes wrong with one request. */
export type SignalFlowFault =
  | { readonly status: number; readonly retryAfter?: string }
  /** The connection breaks, or ends as if all were well, after so many events. */
  | { readonly reset: number }
  | { readonly end: number }
  /** Nothing more comes after so many events. */
  | { readonly stall: number }
  | { readonly abort: string }
  | { readonly error: string }

export interface FakeSignalFlow extends FakeServer {
  readonly requests: { readonly time: number; readonly status: number; readonly start: number; readonly stop: number }[]
  /** Set by tests: what goes wrong with the n-th request, from 0. */
  fault: (n: number) => SignalFlowFault | undefined
  /** Set by tests: points before it have at least the resolution of 5 minutes. */
  coarseBefore: number
}

export interface SignalFlowOptions {
  readonly token: string
  readonly series: readonly SignalFxSeries[]
  /** Requests that are answered in each sliding second; those beyond get 429. */
  readonly maxPerSecond?: number
  /** Ms before an answer. */
  readonly latency?: number
}

const longest = 5 * 86_400_000
const coarse = 300_000

/**
 * A stand-in for SignalFlow's streaming HTTP interface, from its public documents: server-sent events, metadata before data, several data
 * messages at one time, heartbeats, events that are split across packets. It knows the one form of program that is sent to it.
 */
export async function startSignalFlow(options: SignalFlowOptions): Promise<FakeSignalFlow> {
  const requests: FakeSignalFlow['requests'] = []
  const server = await serve(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://fake')
    const [start, stop] = ['start', 'stop'].map((name) => Number(url.searchParams.get(name)))
    const program = (await bodyOf(request)).toString()
    const n = requests.length
    const fault = fake.fault(n)
    const status = statusFor(request, { url, options, requests, fault })
    requests.push({ time: Date.now(), status, start, stop })
    if (options.latency) await sleep(options.latency)
    if (status !== 200) {
      if (fault && 'retryAfter' in fault && fault.retryAfter) response.setHeader('Retry-After', fault.retryAfter)
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ code: status, message: `refused with ${status}` }))
      return
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    const asked = Number(url.searchParams.get('resolution'))
    const resolution = start < fake.coarseBefore ? Math.max(asked, coarse) : asked
    await stream(eventsOf(program, { options, start, stop, resolution, fault }), response, fault)
  })
  const fake: FakeSignalFlow = { ...server, requests, fault: () => undefined, coarseBefore: 0 }
  return fake
}

interface Asked {
  readonly url: URL
  readonly options: SignalFlowOptions
  readonly requests: FakeSignalFlow['requests']
  readonly fault: SignalFlowFault | undefined
}

function statusFor(request: IncomingMessage, { url, options, requests, fault }: Asked): number {
  if (fault && 'status' in fault) return fault.status
  if (request.method !== 'POST' || url.pathname !== '/v2/signalflow/execute') return 404
  if (request.headers['x-sf-token'] !== options.token) return 401
  if (request.headers['content-type'] !== 'text/plain') return 415
  const [start, stop, resolution] = ['start', 'stop', 'resolution'].map((name) => Number(url.searchParams.get(name)))
  const isWhole = start % resolution === 0 && stop % resolution === 0 && resolution >= 1_000
  if (!(start < stop) || stop - start > longest || !isWhole) return 400
  const since = Date.now() - 1_000
  const recent = requests.filter(({ time, status }) => time > since && status === 200).length
  return recent >= (options.maxPerSecond ?? Number.POSITIVE_INFINITY) ? 429 : 200
}

interface Computation {
  readonly options: SignalFlowOptions
  readonly start: number
  readonly stop: number
  readonly resolution: number
  readonly fault: SignalFlowFault | undefined
}

const text = String.raw`"((?:[^"\\]|\\.)*)"`
const programForm = new RegExp(
  String.raw`^data\(\n {4}${text},\n {4}filter=(.*),\n {4}extrapolation=${text},\n {4}maxExtrapolations=(\d+),\n {4}rollup="(\w+)"\n\)(?:\.(\w+)\((?:by=\[(.*)\])?\))?\.publish\(\)\n$`,
)
const readText = (escaped: string): string => JSON.parse(`"${escaped}"`)

function* eventsOf(program: string, computation: Computation): Generator<string> {
  const { fault, options, resolution } = computation
  const event = (type: string, data: unknown) => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
  const control = (name: string, more = {}) =>
    event('control-message', { event: name, timestampMs: Date.now(), ...more })
  yield control('STREAM_START')
  const form = programForm.exec(program)
  if (!form || (fault && 'error' in fault)) {
    yield event('error', {
      errors: [{ code: fault && 'error' in fault ? fault.error : 'ANALYTICS_PROGRAM_SYNTAX_ERROR', context: {} }],
    })
    return
  }
  yield control('JOB_START', { handle: 'AAAAAAA' })
  yield ': heartbeat\n\n'
  yield event('message', {
    logicalTimestampMs: computation.start,
    message: {
      messageCode: 'JOB_RUNNING_RESOLUTION',
      messageLevel: 'INFO',
      numInputTimeSeries: 0,
      contents: { resolutionMs: resolution },
    },
  })
  yield control('JOB_PROGRESS', { progress: 100 })
  const series = selected(form, options.series)
  for (const { id, properties } of series) yield event('metadata', { tsId: id, properties })
  for (const [time, values] of compute(series, computation)) {
    // The service sends the points of one time in as many messages as it likes; absent ones may be null.
    for (const [tsId, value] of values)
      yield event('data', {
        data: [
          { tsId, value },
          { tsId: 'AAAAnone', value: null },
        ],
        logicalTimestampMs: time,
        maxDelayMs: 1_000,
      })
  }
  if (fault && 'abort' in fault)
    yield control('CHANNEL_ABORT', { abortInfo: { sf_job_abortState: 'aborted', sf_job_abortReason: fault.abort } })
  else yield control('END_OF_CHANNEL')
}

interface Group {
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly members: readonly SignalFxSeries[]
  readonly aggregate: string | undefined
}

/** The series that a program is about, in groups that are aggregated. */
function selected(form: RegExpExecArray, all: readonly SignalFxSeries[]): Group[] {
  const [, metric, filter, , , , aggregate, byText = ''] = form
  const by = [...byText.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, name]) =>
    readText(name.replaceAll("\\'", "'").replaceAll('"', '\\"')),
  )
  const wanted = [...filter.matchAll(new RegExp(String.raw`filter\(${text}, ${text}\)`, 'g'))].map(
    ([, dimension, value]) => [readText(dimension), readText(value)],
  )
  const groups = new Map<string, SignalFxSeries[]>()
  for (const one of all) {
    if (one.metric !== readText(metric) || !wanted.every(([dimension, value]) => one.dimensions[dimension] === value))
      continue
    const key =
      aggregate === undefined
        ? JSON.stringify(one.dimensions)
        : JSON.stringify(by.map((name) => one.dimensions[name] ?? null))
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()].map((members, i) => {
    const names = aggregate === undefined ? Object.keys(members[0].dimensions) : by
    const own = Object.fromEntries(
      names.flatMap((name) => (members[0].dimensions[name] === undefined ? [] : [[name, members[0].dimensions[name]]])),
    )
    const properties = {
      sf_metric: '_SF_COMP_AAAA',
      sf_key: [...Object.keys(own), 'sf_metric', 'computationId'],
      computationId: 'AAAA',
      ...own,
    }
    return { id: `AAAA${i}`, properties, members, aggregate }
  })
}

/** Averages within the resolution, then sums over the group. Times without any value are absent. */
function* compute(
  groups: readonly Group[],
  { start, stop, resolution }: Computation,
): Generator<[number, [string, number][]]> {
  const tables = groups.map(({ id, members, aggregate }) => ({
    id,
    aggregate,
    slots: members.map((one) => averages(one, resolution)),
  }))
  for (let time = start; time < stop; time += resolution) {
    const values = tables.flatMap(({ id, aggregate, slots }): [string, number][] => {
      const found = slots.flatMap((slot) => slot.get(time) ?? [])
      if (found.length === 0) return []
      return [[id, aggregate === undefined ? found[0] : found.reduce((sum, value) => sum + value, 0)]]
    })
    if (values.length > 0) yield [time, values]
  }
}

const tables = new WeakMap<SignalFxSeries, Map<number, Map<number, number>>>()

function averages(series: SignalFxSeries, resolution: number): Map<number, number> {
  const known = tables.get(series) ?? new Map<number, Map<number, number>>()
  tables.set(series, known)
  const before = known.get(resolution)
  if (before) return before
  const slots = new Map<number, number[]>()
  for (const [time, value] of series.points) {
    const slot = Math.floor(time / resolution) * resolution
    slots.set(slot, [...(slots.get(slot) ?? []), value])
  }
  const table = new Map(
    [...slots].map(([slot, values]) => [slot, values.reduce((sum, value) => sum + value, 0) / values.length]),
  )
  known.set(resolution, table)
  return table
}

/** Sends events in packets that do not care where an event ends. */
async function stream(
  events: Iterable<string>,
  response: ServerResponse,
  fault: SignalFlowFault | undefined,
): Promise<void> {
  const limit =
    fault && 'reset' in fault
      ? fault.reset
      : fault && 'end' in fault
        ? fault.end
        : fault && 'stall' in fault
          ? fault.stall
          : undefined
  const all = [...events]
  const body = Buffer.from(all.slice(0, limit).join(''))
  for (let at = 0, size = 1; at < body.length; at += size, size = ((size * 7 + 3) % 8_191) + 1) {
    response.write(body.subarray(at, at + size))
    if (at % 5 === 0) await sleep(0)
  }
  if (fault && 'stall' in fault) return
  if (fault && 'reset' in fault) response.destroy()
  else response.end()
}
