import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { decodeParquet } from '../../src/parquet/decode.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import { UserError } from '../../src/util/errors.ts'
import { awkwardTable, contentsOf } from '../support/tables.ts'

const table = awkwardTable(20)
const file = Buffer.concat((await encodeParquet(table)).pieces)
const unharmed = contentsOf(table)

/** What becomes of a file: it is refused, or read as the very same table, or, which must never be, as another. */
async function fate(bytes: Uint8Array): Promise<'refused' | 'same' | 'other'> {
  try {
    return isDeepStrictEqual(contentsOf(await decodeParquet(bytes)), unharmed) ? 'same' : 'other'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return 'refused'
  }
}

describe('decodeParquet', () => {
  it.each([0x01, 0x80, 0xff])('never reads another table from a file with a byte changed by %i', async (mask) => {
    const fates = { refused: 0, same: 0, other: 0 }
    for (let at = 0; at < file.length; at++) {
      const harmed = Buffer.from(file)
      harmed[at] ^= mask
      fates[await fate(harmed)]++
    }
    expect(fates.other).toBe(0)
    expect(fates.refused).toBeGreaterThan(file.length / 2)
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
