import { Transient } from '../../bucket/bucket.ts'
import { answerError, bytesOf, discard, type HttpAnswer, send } from '../../bucket/http.ts'
import { ceilTo, floorTo, type Range, type Time } from '../../time/range.ts'
import { errorMessage, UserError, usageError } from '../../util/errors.ts'
import { type ServerEvent, serverEvents } from './events.ts'

export interface ComputationRequest {
  /** Of the streaming API. */
  readonly url: string
  readonly token: string
  readonly program: string
  readonly range: Range
  /** Ms between two points. */
  readonly resolution: number
  now(): Time
}

/** What a computation has given. */
export interface ComputationResult {
  /** Properties by id of the series. */
  readonly series: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly points: readonly (readonly [series: string, time: Time, value: number])[]
  /** Ms between two points, as the service computed them. */
  readonly resolution?: number
}

/**
 * Runs a SignalFlow program to its end, over the streaming HTTP interface.
 * @throws Transient where the stream ends before the computation does
 */
export async function computation(
  request: ComputationRequest,
  { signal, took }: { signal: AbortSignal; took: (bytes: number) => void },
): Promise<ComputationResult> {
  const url = executeUrl(request)
  const { token, program: body, now } = request
  const headers = { 'X-SF-Token': token, 'Content-Type': 'text/plain', Accept: 'text/event-stream' }
  const answer = await send({ url, method: 'POST', headers, body, signal })
  if (answer.status !== 200) throw await refusalOf(answer, url, now())
  const collector = collect()
  for await (const event of serverEvents(watched(bytesOf(answer, url, signal), took))) {
    if (collector.take(event)) {
      discard(answer)
      return collector.result()
    }
  }
  throw new Transient('connection', 'the stream of signalfx ended before its computation')
}

/** Whole steps, so that the ends of a range that cuts one do not change what is computed. */
function executeUrl({ url, range, resolution }: ComputationRequest): string {
  const [start, stop] = [floorTo(range.start, resolution), ceilTo(range.end, resolution)]
  const query = new URLSearchParams({
    start: `${start}`,
    stop: `${stop}`,
    resolution: `${resolution}`,
    immediate: 'true',
  })
  return `${url.replace(/\/$/, '')}/v2/signalflow/execute?${query}`
}

async function* watched(bytes: AsyncIterable<Uint8Array>, took: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    took(chunk.byteLength)
    yield chunk
  }
}

async function refusalOf(answer: HttpAnswer, url: string, now: Time): Promise<Error> {
  if (answer.status === 401 || answer.status === 403) {
    discard(answer)
    return usageError(
      `signalfx does not accept the token: it answered ${answer.status}`,
      'check the token and the realm',
    )
  }
  const error = answerError(answer, url, now)
  if (error instanceof Transient) {
    discard(answer)
    return error
  }
  let text = ''
  for await (const bytes of bytesOf(answer, url)) text += Buffer.from(bytes).toString()
  return new UserError(`signalfx refused the program: ${messageOf(text) ?? error.message}`)
}

function messageOf(text: string): string | undefined {
  try {
    return JSON.parse(text).message
  } catch {
    return undefined
  }
}

/** Collects what the events of a stream tell. */
function collect() {
  const series = new Map<string, Readonly<Record<string, unknown>>>()
  const points: [string, Time, number][] = []
  let resolution: number | undefined
  return {
    /** Whether the computation has come to its end. */
    take({ type, data }: ServerEvent): boolean {
      const message = parse(data)
      if (type === 'metadata') series.set(message.tsId, message.properties)
      else if (type === 'data') {
        for (const { tsId, value } of message.data)
          if (value !== null) points.push([tsId, message.logicalTimestampMs, Number(value)])
      } else if (type === 'message') resolution = resolutionOf(message) ?? resolution
      else if (type === 'error') throw programError(message)
      else if (type === 'control-message') return isEnd(message)
      return false
    },
    result: (): ComputationResult => ({ series, points, resolution }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes of messages depend on their types
type Message = any

function parse(data: string): Message {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new Transient('server', `signalfx sent an event that is no JSON: ${errorMessage(cause)}`, { cause })
  }
}

const resolutionOf = ({ message }: Message): number | undefined =>
  message?.messageCode === 'JOB_RUNNING_RESOLUTION' ? message.contents?.resolutionMs : undefined

const programError = ({ errors, message }: Message): Error =>
  new UserError(`signalfx cannot run the program: ${errors ? JSON.stringify(errors) : message}`)

function isEnd({ event, abortInfo }: Message): boolean {
  if (event === 'CHANNEL_ABORT')
    throw new UserError(
      `signalfx aborted the computation: ${abortInfo?.sf_job_abortReason ?? JSON.stringify(abortInfo)}`,
    )
  return event === 'END_OF_CHANNEL'
}
