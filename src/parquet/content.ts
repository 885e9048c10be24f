import { Encoding, packLevels, packPlaces, packTexts } from './encodings.ts'
import { type PageKernel, pageKernel, written } from './page-kernel.ts'
import type { Column } from './table.ts'
import { scaleOf } from './words.ts'

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

/** Encodes a column of at most 65,536 rows. Its bodies stand until the next column is encoded. */
export function contentOf(column: Column): Content {
  if (column.type === 'string') return textContent(column)
  if (column.type === 'double') return doubleContent(column.values)
  if (column.type === 'bigint') return nullableContent(column)
  return integerContent(column.values, scaleOf(column.type))
}

type TextColumn = Column & { type: 'string' }
type NullableColumn = Column & { type: 'bigint' }

/** The texts that a column has, in order of appearance, and the place of each row's text there. */
export function appearing({ dictionary, index }: TextColumn): { texts: string[]; places: Uint16Array } {
  const kernel = pageKernel(index.length, dictionary.length)
  new Uint32Array(kernel.memory.buffer, kernel.input.value, index.length).set(index)
  const count = kernel.putAppearing(index.length, dictionary.length)
  if (count === 0 && index.length > 0) {
    const beyond = index.find((at) => at >= dictionary.length)
    throw new Error(`expected a place in a dictionary of ${dictionary.length}, got ${beyond}`)
  }
  const texts = Array.from(new Uint32Array(kernel.memory.buffer, kernel.entries.value, count), (at) => dictionary[at])
  return { texts, places: placesOf(kernel, index.length).slice() }
}

const placesOf = ({ memory, places }: PageKernel, rows: number) => new Uint16Array(memory.buffer, places.value, rows)

function textContent(column: TextColumn): Content {
  const { texts, places } = appearing(column)
  const { body, ...extremes } = packTexts(texts)
  const entries = texts.length
  return { dictionary: { body, entries }, body: packPlaces(places), encoding: Encoding.dictionary, extremes }
}

// Plain, although BYTE_STREAM_SPLIT would save a twentieth of the file: Spark's vectorised reader does not know that.
// No extremes if there is a NaN: the format keeps NaN out of statistics, so engines that sort it last would skip rows.
function doubleContent(values: Float64Array): Content {
  const kernel = pageKernel(values.length)
  new Float64Array(kernel.memory.buffer, kernel.input.value, values.length).set(values)
  const hasNaN = kernel.putDoubles(values.length) !== 0
  const body = written(kernel, kernel.output, values.byteLength)
  return { body, encoding: Encoding.plain, extremes: hasNaN ? undefined : extremesOf(kernel) }
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
  return writtenIntegers(kernel, values.length)
}

function nullableContent(column: NullableColumn): Content {
  const rows = column.values.length
  const kernel = keepPresent(column)
  const count = kernel.putPresent(rows)
  const levels = packLevels(written(kernel, kernel.levels, Math.ceil(rows / 8)), rows)
  const content = writtenIntegers(kernel, count)
  return { ...content, body: Buffer.concat([levels, content.body]), nulls: rows - count }
}

function keepPresent({ values, present }: NullableColumn): PageKernel {
  const kernel = pageKernel(values.length)
  new BigInt64Array(kernel.memory.buffer, kernel.input.value, values.length).set(values)
  new Uint8Array(kernel.memory.buffer, kernel.present.value, values.length).set(present)
  return kernel
}

/** The bytes of the values that are not null; they stand until the next column is looked at. */
export function kept(column: NullableColumn): Uint8Array {
  const kernel = keepPresent(column)
  return written(kernel, kernel.output, 8 * kernel.putPresent(column.values.length))
}

/** The integers that the kernel has written: as a dictionary if that is shorter. */
function writtenIntegers(kernel: PageKernel, count: number): Content {
  kernel.findExtremes(count)
  const extremes = count > 0 ? extremesOf(kernel) : undefined
  const entries = kernel.putDictionary(count)
  if (entries === 0 || 8 * entries + 2 * count >= 8 * count)
    return { body: written(kernel, kernel.output, 8 * count), encoding: Encoding.plain, extremes }
  const dictionary = { body: written(kernel, kernel.entries, 8 * entries), entries }
  return { dictionary, body: packPlaces(placesOf(kernel, count)), encoding: Encoding.dictionary, extremes }
}
