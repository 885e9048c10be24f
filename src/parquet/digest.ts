import { crc32 } from 'node:zlib'
import { crcOfTexts, levelsSize } from './encodings.ts'
import { type PageKernel, pageKernel, written } from './page-kernel.ts'
import type { Column } from './table.ts'
import { scaleOf } from './words.ts'

/** A checksum of the rows of a column, as `contentOf` takes it before they are encoded, made of its pages, decoded. */
export function crcOfPages(type: Column['type'], pages: readonly Uint8Array[], rows: number): number {
  const body = pages[pages.length - 1]
  if (type === 'string') return crc32(body.subarray(4, 4 + 2 * rows), crcOfTexts(pages[0]))
  if (type === 'double') return crc32(body)
  const kernel = pageKernel(rows)
  if (type === 'bigint') return crcOfNullable(kernel, pages, rows)
  putIntegers(kernel, pages, rows)
  kernel.takeIntegers(rows, BigInt(scaleOf(type)))
  return crc32(written(kernel, kernel.input, 8 * rows))
}

function crcOfNullable(kernel: PageKernel, pages: readonly Uint8Array[], rows: number): number {
  const body = pages[pages.length - 1]
  const values = levelsSize(rows)
  const levels = written(kernel, kernel.levels, Math.ceil(rows / 8))
  levels.set(body.subarray(values - levels.length, values))
  const count = kernel.countPresent(rows)
  putIntegers(kernel, [...pages.slice(0, -1), body.subarray(values)], count)
  return crc32(written(kernel, kernel.output, 8 * count), crc32(levels))
}

/** Decodes integers to where the kernel has its output. */
function putIntegers(kernel: PageKernel, pages: readonly Uint8Array[], count: number): void {
  const [first, body] = pages
  if (!body) written(kernel, kernel.output, 8 * count).set(first)
  else {
    written(kernel, kernel.entries, first.length).set(first)
    written(kernel, kernel.places, 2 * count).set(body.subarray(4, 4 + 2 * count))
    kernel.takeDictionary(count)
  }
}
