import { describe, expect, it } from 'vitest'
import { readOptionsFile } from '../../src/config/options-file.ts'

const common = [
  ['to', 'value'],
  ['batch-size', 'value'],
  ['start-time', 'value'],
] as const
const known = new Map([
  ['download', new Map(common)],
  ['rollup', new Map([...common, ['shards', 'value'], ['metric', 'list']] as const)],
])
const read = (text: string, command = 'rollup') =>
  Object.fromEntries(readOptionsFile(text, { path: 'retrofill.yaml', command, known, others: ['backfill', 'read'] }))

describe('retrofill.yaml', () => {
  it('sets flags of every command that has them, and of one below its name', () => {
    const text = 'start-time: 2014-02-14\nshards: [0-15, 40]\nto: out\nrollup:\n  to: lake\n  batch-size: 7\n'
    expect(read(text)).toEqual({ 'start-time': '2014-02-14', shards: '0-15,40', to: 'lake', 'batch-size': '7' })
    expect(read(text, 'download')).toEqual({ 'start-time': '2014-02-14', to: 'out' })
    expect(read('')).toEqual({})
  })

  it('gives a flag that is repeatable once for each item of a list', () => {
    expect(read('metric: [a, "b,c"]')).toEqual({ metric: ['a', 'b,c'] })
    expect(read('metric: [a]\nrollup: {metric: b}')).toEqual({ metric: 'b' })
  })

  it.each([
    ['backfill: {to: lake}', 'retrofill.yaml cannot hold options of backfill'],
    ['read: true', 'retrofill.yaml cannot hold options of read'],
    ['shard: 1', 'unknown option in retrofill.yaml: shard; did you mean shards?'],
    ['download:\n  shards: 1', 'unknown option of download in retrofill.yaml: shards'],
    ['- a', 'invalid retrofill.yaml: expected names and values'],
    ['rollup: lake', 'invalid rollup in retrofill.yaml: expected names and values'],
    ['to: {a: b}', 'invalid to in retrofill.yaml: expected one value'],
  ])('refuses %j', (text, message) => expect(() => read(text)).toThrow(message))

  it.each(['a: [', 'a: b: c', 'to: "x', '\tto: x'])('tells in one line why %j is no YAML, and where', (text) => {
    expect(() => read(text)).toThrow(/^cannot understand retrofill\.yaml: [^\n]+ at line \d+, column \d+$/)
  })
})
