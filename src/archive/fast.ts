import { type Draft, reserve } from './batch.ts'
import { lineReader, type SoundLine } from './general.ts'
import { isFull, type Kernel, type KernelOptions, lineEnd } from './kernel.ts'
import { learn } from './learn.ts'
import { createMatcher, type Matcher, putWindow, Stop } from './matcher.ts'
import { createMemory, type Memory } from './memory.ts'
import { createPatience } from './patience.ts'

/**
 * The kernel that knows no JSON. It compares lines, every byte, with templates learnt from lines that the general reader has
 * accepted; only the values of a few fields vary. What matches no template goes to the general reader, and is learnt from.
 */
export function fastKernel(options: KernelOptions): Kernel {
  const matcher = createMatcher()
  const memory = createMemory(matcher, options.dictionary)
  const patience = createPatience()
  const readLine = lineReader(options)

  const learnFrom = (line: SoundLine) => {
    const learnt = learn(line)
    if (!learnt) return
    memory.add(learnt, line.check.checkType, matcher.stop.value === Stop.shapeUnknown)
    patience.addLesson()
  }
  /** Adds the line at `start` by the general reader. Returns where the next one starts. */
  const readUnknown = (window: Uint8Array, start: number, draft: Draft): number => {
    const end = window.indexOf(lineEnd, start)
    const line = readLine(window.subarray(start, end), draft)
    if (patience.isLost()) patience.addUnseen()
    else if (line) learnFrom(line)
    return end + 1
  }
  /** Adds lines until one is unknown, or a limit is met. Returns where the next one starts. */
  const readKnown = (start: number, end: number, draft: Draft): number => {
    matcher.restart(draft.line, draft.values)
    const limits = { end, points: options.batchPoints - draft.values, line: options.maxLine }
    const next = scanKnown({ matcher, memory }, start, limits)
    takeLines(matcher, draft)
    patience.addKnown(matcher.lines.value)
    return next
  }
  const isUnknown = () => matcher.stop.value === Stop.lineUnknown || matcher.stop.value === Stop.shapeUnknown
  return {
    scan(window, offset, draft) {
      memory.refresh()
      const base = putWindow(matcher, window.subarray(offset)) - offset
      let next = offset
      while (next < window.length && !isFull(draft, options)) {
        if (!patience.isLost()) next = readKnown(base + next, base + window.length, draft) - base
        if (patience.isLost() || isUnknown()) next = readUnknown(window, next, draft)
      }
      return next
    },
  }
}

interface Limits {
  readonly end: number
  readonly points: number
  readonly line: number
}

/** Scans lines until one matches no template, or a limit is met. Returns where it stopped. */
function scanKnown(
  { matcher, memory }: { matcher: Matcher; memory: Memory },
  start: number,
  { end, points, line }: Limits,
): number {
  let next = start
  for (;;) {
    next = matcher.scan(next, end, points, line)
    const stop = matcher.stop.value
    if (stop === Stop.familyUnknown) memory.addFamily()
    else if (stop === Stop.memoryEnds) memory.forget()
    else return next
  }
}

/** Moves what the matcher has added to a draft. */
function takeLines(matcher: Matcher, draft: Draft): void {
  const { counts, length, values } = draft
  const [lines, points] = [matcher.length.value, matcher.points.value]
  const { buffer } = matcher.memory
  const columns = reserve(draft, { lines, values: points })
  columns.family.set(new Uint32Array(buffer, matcher.families.value, lines), length)
  columns.time.set(new Float64Array(buffer, matcher.times.value, lines), length)
  columns.line.set(new Uint32Array(buffer, matcher.lineNumbers.value, lines), length)
  columns.first.set(new Uint32Array(buffer, matcher.firsts.value, lines), length)
  columns.value.set(new Float64Array(buffer, matcher.doubles.value, points), values)
  columns.kind.set(new Uint8Array(buffer, matcher.kinds.value, points), values)
  repair(matcher, columns.value, values)
  draft.length += lines
  draft.values += points
  draft.line += matcher.lines.value
  counts.lines += matcher.lines.value
  counts.metrics += matcher.metrics.value
  counts.notNumeric += matcher.notNumeric.value
  counts.points += points
  counts.outOfShard += matcher.outOfShard.value
}

/** Parses the values that take more than one division. */
function repair({ memory, repairs, repairList }: Matcher, values: Float64Array, first: number): void {
  const list = new Uint32Array(memory.buffer, repairList.value, 2 * repairs.value)
  const bytes = Buffer.from(memory.buffer)
  for (let i = 0; i < list.length; i += 2) values[first + list[i]] = Number(numberAt(bytes, list[i + 1]))
}

function numberAt(bytes: Buffer, start: number): string {
  let end = start
  while (isNumeric(bytes[end])) end++
  return bytes.toString('latin1', start, end)
}

/** Whether a byte may be part of a number: a digit or one of `+-.eE`. */
const isNumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65
