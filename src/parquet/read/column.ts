import { bytesOfArray } from '../../util/memory.ts'
import { placesIn } from '../encodings.ts'
import { written } from '../page-kernel.ts'
import type { Column } from '../table.ts'
import { unpackTexts } from './texts.ts'
import { decodeIntegers, decodeNullable, type Pages } from './values.ts'

/** A column in the making; `read` puts the pages of the rows `[from, to)` into it. */
export interface ColumnReader {
  readonly column: Column
  read(pages: Pages, from: number, to: number): void
}

/** A reader of a column of `length` rows. */
export function columnReader({ name, type }: Pick<Column, 'name' | 'type'>, length: number): ColumnReader {
  if (type === 'string') return textReader(name, new Uint32Array(length))
  if (type === 'bigint') return nullableReader(name, new BigInt64Array(length))
  const values = new Float64Array(length)
  const read: ColumnReader['read'] = (pages, from, to) => {
    const part = bytesOfArray(values.subarray(from, to))
    if (type === 'double') return part.set(pages[0])
    const kernel = decodeIntegers(pages, to - from, type)
    part.set(written(kernel, kernel.input, part.length))
  }
  return { column: { name, type, values }, read }
}

function nullableReader(name: string, values: BigInt64Array): ColumnReader {
  const present = new Uint8Array(values.length)
  return {
    column: { name, type: 'bigint', values, present, bit: 1 },
    read: (pages, from, to) => {
      const { kernel } = decodeNullable(pages, to - from)
      kernel.takePresent(to - from)
      const part = bytesOfArray(values.subarray(from, to))
      part.set(written(kernel, kernel.input, part.length))
      present.set(written(kernel, kernel.present, to - from), from)
    },
  }
}

function textReader(name: string, index: Uint32Array): ColumnReader {
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
      // Copied, since numbers of 16 bits must lie at an even address.
      const places = new Uint16Array(new Uint8Array(placesIn(body, to - from)).buffer)
      for (let i = from; i < to; i++) index[i] = codes[places[i - from]]
    },
  }
}
