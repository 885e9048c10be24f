import { type Draft, reserve } from './batch.ts'
import type { Dictionary } from './dictionary.ts'
import { type Json, parseJson } from './json.ts'
import { isFull, type Kernel, type KernelOptions, lineEnd } from './kernel.ts'
import { type Check, type Metric, readCheck } from './line.ts'
import { prefixOf } from './locator.ts'
import { excerpt, LineReject, type Reject } from './reject.ts'

/** The kernel that knows the format, and so says what every line means. */
export function generalKernel(options: KernelOptions): Kernel {
  const readLine = lineReader(options)
  return {
    scan(window, offset, draft) {
      let next = offset
      while (next < window.length && !isFull(draft, options)) {
        const end = window.indexOf(lineEnd, next)
        readLine(window.subarray(next, end), draft)
        next = end + 1
      }
      return next
    },
  }
}

/** A line that was accepted: its text, its syntax and its meaning. */
export interface SoundLine {
  readonly text: string
  readonly json: Json
  readonly check: Check
}

/** Makes a function that adds one line, given without its end, to a draft. It returns the line if it was accepted. */
export function lineReader({ dictionary, maxLine }: KernelOptions) {
  return (line: Uint8Array, draft: Draft): SoundLine | undefined => {
    draft.line++
    const bytes = trim(draft.line === 1 ? withoutByteOrderMark(line) : line)
    if (bytes.length === 0 && line.length <= maxLine) return undefined
    draft.counts.lines++
    try {
      if (line.length > maxLine) throw new LineReject('line too long')
      const text = decode(bytes)
      const json = parseJson(text)
      const check = readCheck(text, json)
      addMetrics(draft, check, dictionary)
      return { text, json, check }
    } catch (error) {
      if (!(error instanceof LineReject)) throw error
      addReject(draft, { line: draft.line, reason: error.reason, text: beginning(bytes) })
      return undefined
    }
  }
}

function addMetrics(draft: Draft, check: Check, dictionary: Dictionary): void {
  const { counts } = draft
  counts.metrics += check.metrics.length
  const numbers: NumericMetric[] = []
  for (const metric of check.metrics) {
    if (metric.class === 'number') numbers.push(metric)
    else if (metric.class === 'not numeric') counts.notNumeric++
    else addReject(draft, { line: draft.line, metric: metric.name, reason: metric.reason, text: metric.text })
  }
  if (numbers.length > 0) addNumbers(draft, { check, numbers }, dictionary)
}

type NumericMetric = Metric & { class: 'number' }

function addNumbers(
  draft: Draft,
  { check, numbers }: { check: Check; numbers: readonly NumericMetric[] },
  dictionary: Dictionary,
): void {
  const { family, mask } = dictionary.find({
    prefix: prefixOf(check),
    names: numbers.map(({ name }) => name),
  })
  const wanted = mask ? numbers.filter((_, i) => mask[i] === 1) : numbers
  draft.counts.points += wanted.length
  draft.counts.outOfShard += numbers.length - wanted.length
  if (family === undefined) return
  const columns = reserve(draft, { lines: 1, values: wanted.length })
  const i = draft.length++
  columns.family[i] = family
  columns.time[i] = check.time
  columns.line[i] = draft.line
  columns.first[i] = draft.values
  for (const { value, kind, exact } of wanted) {
    if (exact !== undefined) draft.exact.set(draft.values, exact)
    columns.kind[draft.values] = kind
    columns.value[draft.values++] = value
  }
}

function addReject({ counts, rejects }: Draft, reject: Reject): void {
  if (reject.metric !== undefined) counts.rejectedMetrics++
  if (rejects.at(-1)?.line !== reject.line) counts.rejectedLines++
  rejects.push(reject)
}

function withoutByteOrderMark(line: Uint8Array): Uint8Array {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line
}

/** Without the bytes up to 0x20 at either end, NUL and carriage return among them. */
function trim(line: Uint8Array): Uint8Array {
  let start = 0
  let end = line.length
  while (start < end && line[start] <= 0x20) start++
  while (end > start && line[end - 1] <= 0x20) end--
  return line.subarray(start, end)
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lossy = new TextDecoder('utf-8', { ignoreBOM: true })

function decode(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw new LineReject('invalid UTF-8')
  }
}

const beginning = (bytes: Uint8Array): string => excerpt(lossy.decode(bytes.subarray(0, 4096)))
