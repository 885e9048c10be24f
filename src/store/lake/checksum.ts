import { createHash } from 'node:crypto'
import { isPoints, type RowBatch } from '../../metric/rows.ts'
import { digestTable, type EncodedTable } from '../../parquet/write/encode.ts'
import { tableOfPoints } from './point-table.ts'
import { tableOfRows } from './table.ts'

/**
 * A digest of rows in canonical order (see `arrange`): equal where a lake would hold equal rows, bit by bit, NaNs of any payload being
 * equal; else it is not, but for one case in billions. 32 hex digits.
 */
export const checksum = (rows: RowBatch): string =>
  checksumOf(digestTable(isPoints(rows) ? tableOfPoints(rows) : tableOfRows(rows)))

/** The same of rows that have been encoded. */
export const checksumOf = (digests: EncodedTable['digests']): string =>
  createHash('sha256').update(digests.join('\n')).digest('hex').slice(0, 32)
