import { crc32 } from 'node:zlib'
import { Encoding, packLevels, packPlaces } from '../encodings.ts'
import { type PageKernel, pageKernel, written } from '../page-kernel.ts'
import { type Column, scaleOf } from '../table.ts'
import { packTexts } from './texts.ts'

/** Rows of a column as the bodies of their pages, and what statistics say of them. */
export interface Content {
  readonly dictionary?: { readonly body: Uint8Array; readonly entries: number }
  readonly body: Uint8Array
  readonly encoding: number
  readonly nulls?: number
  readonly extremes: Extremes | undefined
  /** A checksum of the rows, taken before they were encoded; every NaN is the same, and what is null has no value. */
  readonly crc: number
}

/** The smallest and the largest value as in a page, but without a length. */
export interface Extremes {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** Encodes a column of at most 65,536 rows. Its bodies stand until the next column is encoded. */
export function contentOf(column: Column): Content {
  if (column.type === 'string') return textContent(column)
  if (column.type === 'double') return doubleContent(column.values)
  if (column.type === 'bigint') return nullableContent(column)
  return integerContent(column.values, scaleOf(column.type))
}

type TextColumn = Column & { type: 'string' }
type NullableColumn = Column & { type: 'bigint' }

/** The texts that a column has, in order of appearance; the kernel has the place of each row's text there. */
function appearing({ dictionary, index }: TextColumn, kernel: PageKernel): string[] {
  new Uint32Array(kernel.memory.buffer, kernel.input.value, index.length).set(index)
  const count = kernel.putAppearing(index.length, dictionary.length)
  if (count === 0 && index.length > 0) {
    const beyond = index.find((at) => at >= dictionary.length)
    throw new Error(`expected a place in a dictionary of ${dictionary.length}, got ${beyond}`)
  }
  return Array.from(new Uint32Array(kernel.memory.buffer, kernel.entries.value, count), (at) => dictionary[at])
}

const placesOf = ({ memory, places }: PageKernel, rows: number) => new Uint16Array(memory.buffer, places.value, rows)

function textContent(column: TextColumn): Content {
  const kernel = pageKernel(column.index.length, column.dictionary.length)
  const texts = appearing(column, kernel)
  const { body, crc: crcOfTexts, extremes } = packTexts(texts, kernel)
  const places = placesOf(kernel, column.index.length)
  const crc = crc32(written(kernel, kernel.places, places.byteLength), crcOfTexts)
  const dictionary = { body, entries: texts.length }
  return { dictionary, body: packPlaces(places), encoding: Encoding.dictionary, extremes, crc }
}

// Plain, although BYTE_STREAM_SPLIT would save a twentieth of the file: Spark's vectorised reader does not know that.
// No extremes if there is a NaN: the format keeps NaN out of statistics, so engines that sort it last would skip rows.
function doubleContent(values: Float64Array): Content {
  const kernel = pageKernel(values.length)
  new Float64Array(kernel.memory.buffer, kernel.input.value, values.length).set(values)
  const hasNaN = kernel.putDoubles(values.length) !== 0
  const body = written(kernel, kernel.output, values.byteLength)
  return { body, encoding: Encoding.plain, extremes: hasNaN ? undefined : extremesOf(kernel), crc: crc32(body) }
}

const extremesOf = (kernel: PageKernel): Extremes => ({
  min: written(kernel, kernel.least, 8).slice(),
  max: written(kernel, kernel.most, 8).slice(),
})

function integerContent(values: Float64Array, scale: number): Content {
  const kernel = pageKernel(values.length)
  new Float64Array(kernel.memory.buffer, kernel.input.value, values.length).set(values)
  const sound = kernel.putIntegers(values.length, BigInt(scale))
  if (sound < values.length) throw new Error(`expected a safe integer, got ${values[sound]}`)
  const crc = crc32(written(kernel, kernel.input, values.byteLength))
  return { ...writtenIntegers(kernel, values.length), crc }
}

function nullableContent({ values, present, bit }: NullableColumn): Content {
  const rows = values.length
  const kernel = pageKernel(rows)
  new BigInt64Array(kernel.memory.buffer, kernel.input.value, rows).set(values)
  written(kernel, kernel.present, rows).set(present)
  const count = kernel.putPresent(rows, bit)
  const bits = written(kernel, kernel.levels, Math.ceil(rows / 8))
  const crc = crc32(written(kernel, kernel.output, 8 * count), crc32(bits))
  const content = writtenIntegers(kernel, count)
  return { ...content, body: Buffer.concat([packLevels(bits, rows), content.body]), nulls: rows - count, crc }
}

/** The integers that the kernel has written: as a dictionary if that is shorter. */
function writtenIntegers(kernel: PageKernel, count: number): Omit<Content, 'crc'> {
  kernel.findExtremes(count)
  const extremes = count > 0 ? extremesOf(kernel) : undefined
  const entries = kernel.putDictionary(count)
  if (entries === 0 || 8 * entries + 2 * count >= 8 * count)
    return { body: written(kernel, kernel.output, 8 * count), encoding: Encoding.plain, extremes }
  const dictionary = { body: written(kernel, kernel.entries, 8 * entries), entries }
  return { dictionary, body: packPlaces(placesOf(kernel, count)), encoding: Encoding.dictionary, extremes }
}
