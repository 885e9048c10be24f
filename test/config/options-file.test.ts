import { describe, expect, it } from 'vitest'
import { readOptionsFile } from '../../src/config/options-file.ts'

const known = new Map([
  ['download', new Set(['to', 'batch-size', 'start-time'])],
  ['rollup', new Set(['to', 'batch-size', 'start-time', 'shards'])],
])
const read = (text: string, command = 'rollup') =>
  Object.fromEntries(readOptionsFile(text, { path: 'retrofill.yaml', command, known }))

describe('retrofill.yaml', () => {
  it('sets flags of every command that has them, and of one below its name', () => {
    const text = 'start-time: 2014-02-14\nshards: [0-15, 40]\nto: out\nrollup:\n  to: lake\n  batch-size: 7\n'
    expect(read(text)).toEqual({ 'start-time': '2014-02-14', shards: '0-15,40', to: 'lake', 'batch-size': '7' })
    expect(read(text, 'download')).toEqual({ 'start-time': '2014-02-14', to: 'out' })
    expect(read('')).toEqual({})
  })

  it.each([
    ['shard: 1', 'unknown option in retrofill.yaml: shard; did you mean shards?'],
    ['download:\n  shards: 1', 'unknown option of download in retrofill.yaml: shards'],
    ['- a', 'invalid retrofill.yaml: expected names and values'],
    ['rollup: lake', 'invalid rollup in retrofill.yaml: expected names and values'],
    ['to: {a: b}', 'invalid to in retrofill.yaml: expected one value'],
    ['a: [', 'cannot understand retrofill.yaml: '],
  ])('refuses %j', (text, message) => expect(() => read(text)).toThrow(message))
})
