import { crc32 } from 'node:zlib'
import { errorMessage, UserError } from '../util/errors.ts'
import { levelsSize, unpackLevels, unpackPlaces, unpackPlain, unpackTexts } from './encodings.ts'
import type { Page } from './footer.ts'
import type { Column, Table } from './table.ts'
import { magic, readTail } from './tail.ts'
import { doublesOf, fromIntegers, scaleOf, wordsOf } from './words.ts'
import { loadZstd, type Zstd } from './zstd.ts'

/**
 * The table that `encodeParquet` wrote, with the texts of a dictionary in order of appearance, each once. Checksums cover
 * every byte. Throws a `UserError` for a damaged file and for any file of another writer.
 */
export async function decodeParquet(bytes: Uint8Array): Promise<Table> {
  const zstd = await loadZstd()
  try {
    return readTable(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), zstd)
  } catch (cause) {
    throw new UserError(`damaged, or not a Parquet file of retrofill: ${errorMessage(cause)}`, { cause })
  }
}

function readTable(bytes: Buffer, zstd: Zstd): Table {
  const { directory, start } = readTail(bytes)
  const { length, columns, groups, metadata } = directory
  let at = magic.length
  const readPage = ({ header, stored, size, crc }: Page): Uint8Array => {
    const body = bytes.subarray(at + header, at + header + stored)
    if (crc32(body) !== crc) throw new Error(`the checksum of the page at byte ${at} does not match`)
    at += header + stored
    return zstd.decompress(body, size)
  }
  const readers = columns.map((column) => readerOf(column, length))
  let row = 0
  for (const { rows, chunks } of groups) {
    for (const [i, pages] of chunks.entries()) readers[i].read(pages.map(readPage), row, row + rows)
    row += rows
  }
  if (at !== start) throw new Error(`its pages end at byte ${at}, not at ${start}`)
  return { length, columns: readers.map(({ column }) => column), metadata }
}

/** A column in the making; `read` puts the pages of the rows `[from, to)` into it. */
interface Reader {
  readonly column: Column
  read(pages: readonly Uint8Array[], from: number, to: number): void
}

function readerOf({ name, type }: Pick<Column, 'name' | 'type'>, length: number): Reader {
  if (type === 'string') return textReader(name, new Uint32Array(length))
  if (type === 'bigint') return nullableReader(name, new BigInt64Array(length))
  const values = new Float64Array(length)
  const read =
    type === 'double'
      ? ([body]: readonly Uint8Array[], from: number, to: number) =>
          values.set(doublesOf(unpackPlain(body)).subarray(0, to - from), from)
      : integerReader(values, scaleOf(type))
  return { column: { name, type, values }, read }
}

const integerReader =
  (values: Float64Array, scale: number): Reader['read'] =>
  ([first, body], from, to) => {
    const integers = fromIntegers(unpackPlain(first), scale)
    if (!body) return values.set(integers, from)
    const places = unpackPlaces(body)
    for (let i = from; i < to; i++) values[i] = integers[places[i - from]]
  }

function textReader(name: string, index: Uint32Array): Reader {
  const dictionary: string[] = []
  let known: Map<string, number> | undefined
  const place = (text: string): number => {
    const last = dictionary.length - 1
    // While texts ascend, as they do in a sorted table, it takes no map to know which are new.
    if (!known && text === dictionary[last]) return last
    if (!known && (last < 0 || text > dictionary[last])) return dictionary.push(text) - 1
    known ??= new Map(dictionary.map((text, i) => [text, i]))
    const at = known.get(text) ?? dictionary.length
    if (at > last) known.set(text, dictionary.push(text) - 1)
    return at
  }
  return {
    column: { name, type: 'string', dictionary, index },
    read: ([texts, body], from, to) => {
      const codes = unpackTexts(texts).map(place)
      const places = unpackPlaces(body)
      for (let i = from; i < to; i++) index[i] = codes[places[i - from]]
    },
  }
}

function nullableReader(name: string, values: BigInt64Array): Reader {
  const present = new Uint8Array(values.length)
  const words = wordsOf(values)
  return {
    column: { name, type: 'bigint', values, present },
    read: (pages, from, to) => {
      const levels = present.subarray(from, to)
      const body = pages[pages.length - 1]
      unpackLevels(body, levels)
      const rest = body.subarray(levelsSize(levels.length))
      const integers = unpackPlain(pages.length > 1 ? pages[0] : rest)
      const places = pages.length > 1 ? unpackPlaces(rest) : undefined
      for (let i = from, seen = 0; i < to; i++) {
        if (present[i] === 0) continue
        const at = places ? places[seen] : seen
        words[2 * i] = integers[2 * at]
        words[2 * i + 1] = integers[2 * at + 1]
        seen++
      }
    },
  }
}
