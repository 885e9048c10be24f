import { type Draft, reserve } from './batch.ts'
import { outOfShard } from './dictionary.ts'
import { lineReader } from './general.ts'
import { isFull, type Kernel, type KernelOptions, lineEnd } from './kernel.ts'
import { type Body, learn } from './learn.ts'
import { createMatchState, match, none, reserveValues, setBytes } from './match.ts'
import { createMemory, type KnownCheck, type Shape } from './memory.ts'
import { lastInstant } from './number.ts'

/**
 * The kernel that knows no JSON. It compares lines, every byte, with templates learnt from lines that the general reader has
 * accepted; only the values of a few fields vary. What matches no template goes to the general reader, and is learnt from.
 */
export function fastKernel(options: KernelOptions): Kernel {
  const readLine = lineReader(options)
  const memory = createMemory(options.dictionary)
  const state = createMatchState()

  return {
    scan(window, offset, draft) {
      setBytes(state, window)
      memory.refresh()
      let next = offset
      while (next < window.length && !isFull(draft, options)) {
        const known = scanKnown(next, draft)
        next = known === none ? scanUnknown(next, draft) : known
      }
      return next
    },
  }

  /** Reads the line at `start` if it matches templates. Returns where the next one starts, or none. */
  function scanKnown(start: number, draft: Draft): number {
    for (const known of memory.heads) {
      const at = match(state, start, known.head)
      if (at === none) continue
      const time = state.values[0]
      const check = memory.checkOf(known, state)
      const end = matchBody(check, at)
      if (end === none || end - start > options.maxLine || Math.abs(time) > lastInstant) return none
      addPoints(draft, time, check.shapes[0])
      return end + 1
    }
    return none
  }

  /** Matches the rest of a line. The shape that does comes to the front. */
  function matchBody(check: KnownCheck, at: number): number {
    const { shapes, identity } = check
    for (let i = 0; i < shapes.length; i++) {
      const end = matchEnd(at, shapes[i].body)
      if (end === none) continue
      if (i > 0) shapes.unshift(...shapes.splice(i, 1))
      return end
    }
    for (const body of memory.bodiesOf(identity.checkType)) {
      const end = matchEnd(at, body)
      if (end === none) continue
      memory.addShape(check, body)
      return end
    }
    return none
  }

  /** Returns where the line end is, if the line ends behind the body. */
  function matchEnd(at: number, body: Body): number {
    const end = match(state, at, body)
    if (end === none || state.bytes[end] === lineEnd) return end
    return state.bytes[end] === carriageReturn && state.bytes[end + 1] === lineEnd ? end + 1 : none
  }

  function addPoints(draft: Draft, time: number, { body, ids }: Shape): void {
    const { values } = state
    const { series, time: times, value, kind, line } = reserve(draft, ids.length)
    const { counts, length } = draft
    draft.line++
    let next = length
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] === outOfShard) continue
      series[next] = ids[i]
      times[next] = time
      value[next] = values[i]
      kind[next] = body.kinds[i]
      line[next] = draft.line
      next++
    }
    draft.length = next
    counts.lines++
    counts.metrics += ids.length + body.notNumeric
    counts.notNumeric += body.notNumeric
    counts.points += next - length
    counts.outOfShard += ids.length - (next - length)
  }

  /** Reads the line at `start` by the general reader. */
  function scanUnknown(start: number, draft: Draft): number {
    const end = state.bytes.indexOf(lineEnd, start)
    const line = readLine(state.bytes.subarray(start, end), draft)
    const learnt = line && learn(line)
    if (learnt) {
      reserveValues(state, learnt.body)
      memory.addTemplates(learnt, line.check.checkType)
    }
    return end + 1
  }
}

const carriageReturn = 0x0d
