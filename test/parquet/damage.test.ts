import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeParquet } from '../../src/parquet/read/decode.ts'
import { verifyParquet } from '../../src/parquet/read/verify.ts'
import { digestTable, encodeParquet } from '../../src/parquet/write/encode.ts'
import { UserError } from '../../src/util/errors.ts'
import { partsOf } from '../../src/util/parts.ts'
import { table as anyTable, awkwardTable } from '../support/tables.ts'

const table = awkwardTable(20)
const { pieces, digests } = await encodeParquet(table)
const file = Buffer.concat(pieces)

/** What becomes of a file: it is refused, or read. */
async function fate(bytes: Uint8Array): Promise<'refused' | 'read'> {
  try {
    await decodeParquet(bytes)
    return 'read'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return 'refused'
  }
}

/** The file with a byte changed, for each byte. */
function* harmedFiles(mask: number): Generator<[at: number, harmed: Buffer]> {
  for (let at = 0; at < file.length; at++) {
    const harmed = Buffer.from(file)
    harmed[at] ^= mask
    yield [at, harmed]
  }
}

describe('verifyParquet', () => {
  it('finds the file as it was written', async () => {
    expect(await verifyParquet(partsOf(file), digests)).toBe(true)
    expect(await verifyParquet(partsOf(file), [...digests, ...digests])).toBe(false)
  })

  it('finds any table as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, async (rows) => {
        const written = await encodeParquet(rows)
        expect(await verifyParquet(partsOf(Buffer.concat(written.pieces)), written.digests)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it.each([1, 9, 5_000, 32_000, 40_000])('finds %i rows of every type, and so does decoding them', async (length) => {
    const written = await encodeParquet(awkwardTable(length))
    const bytes = Buffer.concat(written.pieces)
    expect(await verifyParquet(partsOf(bytes), written.digests)).toBe(true)
    expect(digestTable(await decodeParquet(bytes))).toEqual(written.digests)
  })

  it.each([0x01, 0x80])('finds a byte changed by %i, wherever it is', async (mask) => {
    for (const [at, harmed] of harmedFiles(mask))
      expect([at, await verifyParquet(partsOf(harmed), digests)]).toEqual([at, false])
  })

  it('finds other rows that were encoded well', async () => {
    const other = await encodeParquet(awkwardTable(21))
    expect(await verifyParquet(partsOf(Buffer.concat(other.pieces)), digests)).toBe(false)
  })
})

describe('decodeParquet', () => {
  it.each([0x01, 0x80, 0xff])('refuses a file with a byte changed by %i, wherever it is', async (mask) => {
    for (const [at, harmed] of harmedFiles(mask)) expect([at, await fate(harmed)]).toEqual([at, 'refused'])
  })

  it('refuses a file that is cut off, wherever', async () => {
    for (let length = 0; length < file.length; length++) expect(await fate(file.subarray(0, length))).toBe('refused')
  })

  it('refuses a file with a hole of zeros, as a crash may leave', async () => {
    for (let at = 0; at + 512 < file.length; at += 256) {
      const harmed = Buffer.from(file)
      expect(await fate(harmed.fill(0, at, at + 512))).toBe('refused')
    }
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('time,series,value\n')],
    ['zeros', Buffer.alloc(4096)],
    ['magic numbers alone', Buffer.from('PAR1PAR1')],
    ['a footer longer than the file', Buffer.from('PAR1\xff\xff\xff\x7fPAR1', 'latin1')],
    ['twice the file', Buffer.concat([file, file])],
  ])('refuses %s and says so', async (_, bytes) => {
    await expect(decodeParquet(bytes)).rejects.toThrow(/^damaged, or not a Parquet file of retrofill: /)
  })
})
