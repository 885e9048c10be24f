import { levelsSize, unpackLevels, unpackPlaces, unpackPlain, unpackTexts } from './encodings.ts'
import type { Column } from './table.ts'
import { doublesOf, fromIntegers, scaleOf, wordsOf } from './words.ts'

/** A column in the making; `read` puts the pages of the rows `[from, to)` into it. */
export interface ColumnReader {
  readonly column: Column
  read(pages: readonly Uint8Array[], from: number, to: number): void
}

/** A reader of a column of `length` rows. */
export function readerOf({ name, type }: Pick<Column, 'name' | 'type'>, length: number): ColumnReader {
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
  (values: Float64Array, scale: number): ColumnReader['read'] =>
  ([first, body], from, to) => {
    const integers = fromIntegers(unpackPlain(first), scale)
    if (!body) return values.set(integers, from)
    const places = unpackPlaces(body)
    for (let i = from; i < to; i++) values[i] = integers[places[i - from]]
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
      const places = unpackPlaces(body)
      for (let i = from; i < to; i++) index[i] = codes[places[i - from]]
    },
  }
}

function nullableReader(name: string, values: BigInt64Array): ColumnReader {
  const present = new Uint8Array(values.length)
  const words = wordsOf(values)
  return {
    column: { name, type: 'bigint', values, present, bit: 1 },
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
