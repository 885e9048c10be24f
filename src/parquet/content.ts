import { withOneNaN } from '../util/memory.ts'
import { Encoding, packLevels, packPlaces, packPlain, packTexts } from './encodings.ts'
import type { Column } from './table.ts'
import { distinct, doublesOf, scaleOf, toIntegers, type Words, wordsOf } from './words.ts'

/** Rows of a column as the bodies of their pages, and what statistics say of them. */
export interface Content {
  readonly dictionary?: { readonly body: Uint8Array; readonly entries: number }
  readonly body: Uint8Array
  readonly encoding: number
  readonly nulls?: number
  readonly extremes: Extremes | undefined
}

/** The smallest and the largest value as in a page, but without a length. */
export interface Extremes {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

// With more, looking for equal integers costs more time than it saves in the compressor.
const mostEntries = 4096

/** Encodes a column of at most 65,536 rows. Its body may lie in the column's own memory. */
export function contentOf(column: Column): Content {
  if (column.type === 'string') return textContent(column)
  if (column.type === 'double') return doubleContent(column.values)
  if (column.type === 'bigint') return nullableContent(column)
  const scale = scaleOf(column.type)
  return integerContent(wordsOf(column.values), (words) => toIntegers(doublesOf(words), scale))
}

type TextColumn = Column & { type: 'string' }
type NullableColumn = Column & { type: 'bigint' }

/** The texts that a column has, in order of appearance, and the place of each row's text there. */
export function appearing({ dictionary, index }: TextColumn): { texts: string[]; places: Uint16Array } {
  const placeOf = new Uint32Array(dictionary.length) // from 1
  const texts: string[] = []
  const places = new Uint16Array(index.length)
  for (let i = 0; i < index.length; i++) {
    const at = index[i]
    if (at >= dictionary.length) throw new Error(`expected a place in a dictionary of ${dictionary.length}, got ${at}`)
    if (placeOf[at] === 0) placeOf[at] = texts.push(dictionary[at])
    places[i] = placeOf[at] - 1
  }
  return { texts, places }
}

function textContent(column: TextColumn): Content {
  const { texts, places } = appearing(column)
  const { body, ...extremes } = packTexts(texts)
  const entries = texts.length
  return { dictionary: { body, entries }, body: packPlaces(places), encoding: Encoding.dictionary, extremes }
}

// Plain, although BYTE_STREAM_SPLIT would save a twentieth of the file: Spark's vectorised reader does not know that.
const doubleContent = (values: Float64Array): Content => ({
  body: packPlain(wordsOf(withOneNaN(values))),
  encoding: Encoding.plain,
  extremes: doubleExtremes(values),
})

/** The values that are not null. */
export function kept({ values, present }: NullableColumn): Words {
  const words = wordsOf(values)
  const found = new Int32Array(words.length)
  let size = 0
  for (let i = 0; i < present.length; i++) {
    if (present[i] === 0) continue
    found[size++] = words[2 * i]
    found[size++] = words[2 * i + 1]
  }
  return found.subarray(0, size)
}

function nullableContent(column: NullableColumn): Content {
  const found = kept(column)
  const content = integerContent(found, (integers) => integers)
  const body = Buffer.concat([packLevels(column.present), content.body])
  return { ...content, body, nulls: column.values.length - found.length / 2 }
}

/** As a dictionary if that is shorter. */
function integerContent(words: Words, toIntegers: (words: Words) => Words): Content {
  const found = distinct(words, mostEntries)
  const shorter = found && found.values.byteLength + found.places.byteLength < words.byteLength
  const integers = toIntegers(shorter ? found.values : words)
  const extremes = integerExtremes(integers)
  if (!shorter) return { body: packPlain(integers), encoding: Encoding.plain, extremes }
  const dictionary = { body: packPlain(integers), entries: integers.length / 2 }
  return { dictionary, body: packPlaces(found.places), encoding: Encoding.dictionary, extremes }
}

/**
 * None if there is a NaN: the format keeps NaN out of statistics, so engines that sort it last would skip rows.
 * A zero may be of either sign, so the smallest is -0 and the largest +0.
 */
function doubleExtremes(values: Float64Array): Extremes | undefined {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value < min) min = value
    if (value > max) max = value
    if (Number.isNaN(value)) return undefined
  }
  const words = wordsOf(Float64Array.of(min === 0 ? -0 : min, max === 0 ? 0 : max))
  return { min: packPlain(words.subarray(0, 2)), max: packPlain(words.subarray(2)) }
}

function integerExtremes(words: Words): Extremes | undefined {
  const less = (a: number, b: number) =>
    words[a + 1] < words[b + 1] || (words[a + 1] === words[b + 1] && words[a] >>> 0 < words[b] >>> 0)
  let [min, max] = [0, 0]
  for (let i = 2; i < words.length; i += 2) {
    if (less(i, min)) min = i
    if (less(max, i)) max = i
  }
  const bytesAt = (i: number) => packPlain(words.subarray(i, i + 2))
  return words.length === 0 ? undefined : { min: bytesAt(min), max: bytesAt(max) }
}
