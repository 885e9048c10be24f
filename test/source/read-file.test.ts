import { expect, it } from 'vitest'
import { createDictionary } from '../../src/archive/dictionary.ts'
import { createScanner } from '../../src/archive/scan.ts'
import { allShards } from '../../src/archive/shards.ts'
import { readFile } from '../../src/source/archive/file.ts'
import { arrayOf } from '../../src/util/array.ts'
import { line } from '../archive/support.ts'
import { kernel } from '../support/kernels.ts'

it('gives back the memory of a file when it is read, and of none of its pieces before', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `${line({ checkId: `ch${i}` })}\n`)
  const bytes = Buffer.from(lines.join(''))
  const halves = [bytes.subarray(0, 9_999), bytes.subarray(9_999)].map((half) => new Uint8Array(half))
  async function* pieces() {
    for (const half of halves) for (let at = 0; at < half.length; at += 777) yield half.subarray(at, at + 777)
  }
  const file = { name: 'f', pieces: pieces(), fingerprint: () => 'f', fingerprintOfBroken: async () => 'f' }
  const scanner = createScanner({ dictionary: createDictionary({ shards: allShards }), kernel })
  const batches = await arrayOf(readFile(file, { scanner }))
  expect(batches.map(({ counts }) => counts)).toMatchObject([{ lines: 100, points: 100 }])
  expect(halves.map(({ byteLength }) => byteLength)).toEqual([0, 0])
})
