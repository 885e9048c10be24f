import { TooLarge, Transient } from '../../bucket/bucket.ts'
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
 * @throws Transient where the stream ends before the computation does, TooLarge where it is more than the service computes
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
  // A body that is left before its end would be destroyed, and its connection with it.
  const stream = { body: answer.body.iterator({ destroyOnReturn: false }) }
  try {
    for await (const event of serverEvents(watched(bytesOf(stream, url, signal), took)))
      if (collector.take(event)) return collector.result()
  } finally {
    discard(answer)
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
  if (error instanceof Transient || error instanceof TooLarge) {
    discard(answer)
    return error
  }
  let text = ''
  for await (const bytes of bytesOf(answer, url)) text += Buffer.from(bytes).toString()
  return failure('signalfx refused the program', messageOf(text) ?? error.message)
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
      } else if (type === 'message') {
        requireAllSeries(message)
        resolution = resolutionOf(message) ?? resolution
      } else if (type === 'error') throw programError(message)
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

/** The service would compute the sum of a part of the series as if it were the whole. */
function requireAllSeries({ message }: Message): void {
  if (message?.messageCode !== 'FIND_LIMITED_RESULT_SET') return
  const { matchedSize, limitSize } = message.contents ?? {}
  throw new TooLarge(`signalfx takes only ${limitSize} of ${matchedSize} series`, { hint: 'choose fewer, -o filter=…' })
}

function programError({ error: status, errors, message }: Message): Error {
  const said = errors ? JSON.stringify(errors) : String(message)
  if (status === 429) return new Transient('throttled', `signalfx refuses for now: ${said}`)
  if (status >= 500) return new Transient('server', `signalfx failed: ${said}`)
  return failure('signalfx cannot run the program', said)
}

function isEnd({ event, abortInfo }: Message): boolean {
  if (event === 'CHANNEL_ABORT')
    throw failure('signalfx aborted the computation', abortInfo?.sf_job_abortReason ?? JSON.stringify(abortInfo))
  return event === 'END_OF_CHANNEL'
}

/** Reasons are texts for people; those that speak of size may not be true of a shorter range. */
const isOfSize = /limit|exceed|too[ _](many|much|large|big|long)|maximum/i

function failure(what: string, reason: string): Error {
  const message = `${what}: ${reason}`
  return isOfSize.test(reason) ? new TooLarge(message) : new UserError(message)
}
