import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { gunzip } from '../../src/source/archive/gunzip.ts'
import { arrayOf } from '../../src/util/array.ts'

const mebi = 1 << 20

/** Bytes in pieces of memory of their own. */
async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield new Uint8Array(bytes.subarray(at, at + size))
}

describe('gunzip', () => {
  it('gives the bytes of all members, wherever the packed ones are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array(), { minLength: 1 }),
        fc.integer({ min: 1, max: 99 }),
        async (members, size) => {
          const packed = Buffer.concat(members.map((member) => gzipSync(member)))
          const unpacked = await arrayOf(gunzip(() => cut(packed, size)))
          expect(Buffer.concat(unpacked)).toEqual(Buffer.concat(members))
        },
      ),
    )
  })

  it('gives back the memory of the packed pieces', async () => {
    const pieces = await arrayOf(cut(gzipSync(Buffer.alloc(3 * mebi, 'ab')), 500))
    async function* packed() {
      yield* pieces
    }
    expect(Buffer.concat(await arrayOf(gunzip(packed)))).toHaveLength(3 * mebi)
    expect(pieces.every(({ byteLength }) => byteLength === 0)).toBe(true)
  })

  it('closes what it reads where its reader stops in the middle', async () => {
    let isClosed = false
    async function* packed() {
      try {
        yield* cut(gzipSync(Buffer.alloc(99 * mebi)), mebi)
      } finally {
        isClosed = true
      }
    }
    for await (const piece of gunzip(packed)) if (piece.length > 0) break
    await vi.waitFor(() => expect(isClosed).toBe(true))
  })

  it('closes what it reads where that is not gzip data', async () => {
    let isClosed = 0
    async function* packed() {
      try {
        yield* cut(Buffer.alloc(mebi, 'x'), 1000)
      } finally {
        isClosed++
      }
    }
    await expect(arrayOf(gunzip(packed))).rejects.toThrow('incorrect header check')
    await vi.waitFor(() => expect(isClosed).toBe(3))
  })
})
