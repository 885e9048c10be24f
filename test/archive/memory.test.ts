import { expect, it } from 'vitest'
import { createDictionary } from '../../src/archive/dictionary.ts'
import { parseJson } from '../../src/archive/json.ts'
import { type LearntLine, learn } from '../../src/archive/learn.ts'
import { readCheck } from '../../src/archive/line.ts'
import { createMatcher, type Matcher } from '../../src/archive/matcher.ts'
import { createMemory } from '../../src/archive/memory.ts'
import { allShards } from '../../src/archive/shards.ts'
import { line, metric } from './support.ts'

const learnt = (text: string): LearntLine => {
  const json = parseJson(text)
  return learn({ text, json, check: readCheck(text, json) }) ?? expect.fail(text)
}

/** A matcher that counts how many templates it has had at most. */
function counting() {
  const matcher = createMatcher()
  const most = { heads: 0, bodies: 0 }
  let live = { heads: 0, bodies: 0 }
  const count = (name: keyof typeof most) => {
    most[name] = Math.max(most[name], ++live[name])
  }
  const counted: Matcher = {
    ...matcher,
    addHead(...template) {
      count('heads')
      return matcher.addHead(...template)
    },
    addBody(...body) {
      count('bodies')
      return matcher.addBody(...body)
    },
    forget() {
      live = { heads: 0, bodies: 0 }
      matcher.forget()
    },
  }
  return { matcher: counted, most }
}

it.each([
  ['heads', (i: number) => line({ [`x${i}`]: 0 })],
  ['bodies', (i: number) => line({}, { [`m${i}`]: metric({ unitEnum: 'é'.repeat(10_000) }) })],
])('what is learnt of lines that all have new %s stays bounded', (_, lineOf) => {
  const { matcher, most } = counting()
  const memory = createMemory(matcher, createDictionary({ shards: allShards }))
  for (let i = 0; i < 1_500; i++) memory.add(learnt(lineOf(i)), 'agent.cpu', false)
  expect(most.heads).toBeLessThanOrEqual(129)
  expect(most.bodies).toBeLessThanOrEqual(1_024)
  expect(matcher.memory.buffer.byteLength).toBeLessThanOrEqual(48 << 20)
})
