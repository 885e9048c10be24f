import { type Draft, reserve } from './batch.ts'
import { outOfShard } from './dictionary.ts'
import { lineReader } from './general.ts'
import { isFull, type Kernel, type KernelOptions, lineEnd } from './kernel.ts'
import { type Body, learn } from './learn.ts'
import { createMatchState, type MatchState, match, none, reserveValues, setBytes } from './match.ts'
import { createMemory, type KnownCheck, type Memory, type Shape } from './memory.ts'
import { lastInstant } from './number.ts'

interface Reader {
  readonly state: MatchState
  readonly memory: Memory
  readonly maxLine: number
  readonly readLine: ReturnType<typeof lineReader>
}

/**
 * The kernel that knows no JSON. It compares lines, every byte, with templates learnt from lines that the general reader has
 * accepted; only the values of a few fields vary. What matches no template goes to the general reader, and is learnt from.
 */
export function fastKernel(options: KernelOptions): Kernel {
  const reader: Reader = {
    state: createMatchState(),
    memory: createMemory(options.dictionary),
    maxLine: options.maxLine,
    readLine: lineReader(options),
  }
  return {
    scan(window, offset, draft) {
      setBytes(reader.state, window)
      reader.memory.refresh()
      let next = offset
      while (next < window.length && !isFull(draft, options)) {
        const known = scanKnown(reader, next, draft)
        next = known === none ? scanUnknown(reader, next, draft) : known
      }
      return next
    },
  }
}

/** Adds the line at `start` if it matches templates. Returns where the next one starts, or {@link none}. */
function scanKnown(reader: Reader, start: number, draft: Draft): number {
  const { state, memory, maxLine } = reader
  for (const known of memory.heads) {
    const at = match(state, start, known.head)
    if (at === none) continue
    const time = state.values[0]
    const check = memory.checkOf(known, state)
    const end = matchRest(reader, at, check)
    if (end === none || end - start > maxLine || Math.abs(time) > lastInstant) return none
    addPoints(draft, check.shapes[0], { time, values: state.values })
    return end + 1
  }
  return none
}

/** Matches what follows the head. The shape that does comes first in the check. Returns where the line ends. */
function matchRest(reader: Reader, at: number, check: KnownCheck): number {
  const end = check.shapes.length > 0 ? matchToEnd(reader.state, at, check.shapes[0].body) : none
  return end === none ? matchOther(reader, at, check) : end
}

function matchOther({ state, memory }: Reader, at: number, check: KnownCheck): number {
  for (const body of memory.candidatesOf(check)) {
    const end = matchToEnd(state, at, body)
    if (end === none) continue
    memory.putFirst(check, body)
    return end
  }
  return none
}

const carriageReturn = 0x0d

function matchToEnd(state: MatchState, at: number, body: Body): number {
  const { bytes } = state
  const end = match(state, at, body)
  if (end === none || bytes[end] === lineEnd) return end
  return bytes[end] === carriageReturn && bytes[end + 1] === lineEnd ? end + 1 : none
}

function addPoints(draft: Draft, { body, ids }: Shape, { time, values }: { time: number; values: Float64Array }): void {
  const { counts, length: first } = draft
  const columns = reserve(draft, ids.length)
  draft.line++
  let next = first
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === outOfShard) continue
    columns.series[next] = ids[i]
    columns.time[next] = time
    columns.value[next] = values[i]
    columns.kind[next] = body.kinds[i]
    columns.line[next] = draft.line
    next++
  }
  draft.length = next
  counts.lines++
  counts.metrics += ids.length + body.notNumeric
  counts.notNumeric += body.notNumeric
  counts.points += next - first
  counts.outOfShard += ids.length - (next - first)
}

/** Adds the line at `start` by the general reader. Returns where the next one starts. */
function scanUnknown({ state, memory, readLine }: Reader, start: number, draft: Draft): number {
  const end = state.bytes.indexOf(lineEnd, start)
  const line = readLine(state.bytes.subarray(start, end), draft)
  const learnt = line && learn(line)
  if (learnt) {
    reserveValues(state, learnt.body)
    memory.addTemplates(learnt, line.check.checkType)
  }
  return end + 1
}
