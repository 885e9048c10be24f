import { crc32 } from 'node:zlib'
import { placesIn, unpackLevels } from '../encodings.ts'
import { type PageKernel, pageKernel, written } from '../page-kernel.ts'
import { type Column, scaleOf } from '../table.ts'
import { crcOfTexts } from './texts.ts'

/** The bodies of the pages of a column: its dictionary, if it has one, and its rows. */
export type Pages = readonly Uint8Array[]

/** Decodes whole numbers; the kernel has them as doubles where its input is. */
export function decodeIntegers(pages: Pages, rows: number, type: 'timestamp' | 'integer'): PageKernel {
  const kernel = pageKernel(rows)
  putIntegers(kernel, pages, rows)
  kernel.takeIntegers(rows, BigInt(scaleOf(type)))
  return kernel
}

/** Decodes what may be null; the kernel has its levels, and the `count` that are present as i64 where its output is. */
export function decodeNullable(pages: Pages, rows: number): { kernel: PageKernel; count: number } {
  const kernel = pageKernel(rows)
  const { bits, rest } = unpackLevels(pages[pages.length - 1], rows)
  written(kernel, kernel.levels, bits.length).set(bits)
  const count = kernel.countPresent(rows)
  putIntegers(kernel, [...pages.slice(0, -1), rest], count)
  return { kernel, count }
}

/** The kernel has them as i64 where its output is. */
function putIntegers(kernel: PageKernel, [first, body]: Pages, count: number): void {
  if (!body) written(kernel, kernel.output, 8 * count).set(first)
  else {
    written(kernel, kernel.entries, first.length).set(first)
    written(kernel, kernel.places, 2 * count).set(placesIn(body, count))
    kernel.takeDictionary(count)
  }
}

/** A checksum of the rows of a column, as `contentOf` takes it before they are encoded, made of its pages, decoded. */
export function crcOfPages(type: Column['type'], pages: Pages, rows: number): number {
  const body = pages[pages.length - 1]
  if (type === 'string') return crc32(placesIn(body, rows), crcOfTexts(pages[0]))
  if (type === 'double') return crc32(body)
  if (type === 'bigint') return crcOfNullable(pages, rows)
  const kernel = decodeIntegers(pages, rows, type)
  return crc32(written(kernel, kernel.input, 8 * rows))
}

function crcOfNullable(pages: Pages, rows: number): number {
  const { kernel, count } = decodeNullable(pages, rows)
  const levels = written(kernel, kernel.levels, Math.ceil(rows / 8))
  return crc32(written(kernel, kernel.output, 8 * count), crc32(levels))
}
