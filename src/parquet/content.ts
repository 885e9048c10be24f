import { Encoding, packLevels, packPlaces, packPlain, packSplit, packTexts } from './encodings.ts'
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
const nan = [0, 0x7ff80000]

/** Encodes a column of up to `scratch.length / 8` rows, and at most 65,536. Its body may lie in `scratch`. */
export function contentOf(column: Column, scratch: Uint8Array): Content {
  if (column.type === 'string') return textContent(column.dictionary, column.index)
  if (column.type === 'double') return doubleContent(column.values, scratch)
  if (column.type === 'bigint') return nullableContent(column.values, column.present)
  const scale = scaleOf(column.type)
  return integerContent(wordsOf(column.values), (words) => toIntegers(doublesOf(words), scale))
}

function textContent(dictionary: readonly string[], index: Uint32Array): Content {
  const placeOf = new Uint32Array(dictionary.length) // from 1
  const texts: string[] = []
  const places = new Uint16Array(index.length)
  for (let i = 0; i < index.length; i++) {
    const code = index[i]
    if (code >= dictionary.length)
      throw new Error(`expected a place in a dictionary of ${dictionary.length}, got ${code}`)
    if (placeOf[code] === 0) placeOf[code] = texts.push(dictionary[code])
    places[i] = placeOf[code] - 1
  }
  const { body, ...extremes } = packTexts(texts)
  const entries = texts.length
  return { dictionary: { body, entries }, body: packPlaces(places), encoding: Encoding.dictionary, extremes }
}

function doubleContent(values: Float64Array, scratch: Uint8Array): Content {
  const extremes = doubleExtremes(values)
  return { body: packSplit(extremes ? values : withOneNaN(values), scratch), encoding: Encoding.split, extremes }
}

function nullableContent(values: BigInt64Array, present: Uint8Array): Content {
  const words = wordsOf(values)
  const kept = new Int32Array(words.length)
  let size = 0
  for (let i = 0; i < present.length; i++) {
    if (present[i] === 0) continue
    kept[size++] = words[2 * i]
    kept[size++] = words[2 * i + 1]
  }
  const content = integerContent(kept.subarray(0, size), (integers) => integers)
  return { ...content, body: Buffer.concat([packLevels(present), content.body]), nulls: values.length - size / 2 }
}

/** As a dictionary if that is shorter. */
function integerContent(words: Words, toIntegers: (words: Words) => Words): Content {
  const found = distinct(words, mostEntries)
  if (!found || found.values.byteLength + found.places.byteLength >= words.byteLength) {
    const integers = toIntegers(words)
    return { body: packPlain(integers), encoding: Encoding.plain, extremes: integerExtremes(integers) }
  }
  const integers = toIntegers(found.values)
  const dictionary = { body: packPlain(integers), entries: integers.length / 2 }
  const body = packPlaces(found.places)
  return { dictionary, body, encoding: Encoding.dictionary, extremes: integerExtremes(integers) }
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

function withOneNaN(values: Float64Array): Float64Array {
  const copy = values.slice()
  const words = wordsOf(copy)
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) words.set(nan, 2 * i)
  return copy
}
