import { crc32 } from 'node:zlib'
import { placesIn } from '../encodings.ts'
import { written } from '../page-kernel.ts'
import type { Column } from '../table.ts'
import { crcOfTexts } from './texts.ts'
import { decodeIntegers, decodeNullable, type Pages } from './values.ts'

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
