import { digestTable } from '../../parquet/encode.ts'
import type { Granularity } from '../../time/granularity.ts'
import { errorMessage } from '../../util/errors.ts'
import type { RowBatch } from '../store.ts'
import { queryFile } from './query.ts'
import { rowKind } from './row-kind.ts'

/**
 * Reads a file of a lake through DuckDB, as others would. Resolves to what is wrong if those are not the rows that it was made of, whose
 * `digests` are known (see `EncodedTable`).
 */
export async function verifyByQuery(
  path: string,
  granularity: Granularity,
  digests: readonly string[],
): Promise<string | undefined> {
  try {
    const { arrange, table } = rowKind(granularity)
    const parts: RowBatch[] = []
    for await (const part of queryFile(path, granularity)) parts.push(part)
    const found = digestTable(table(arrange(parts)))
    const isSame = found.length === digests.length && found.every((digest, i) => digest === digests[i])
    return isSame ? undefined : `DuckDB reads other rows from ${path} than those that it was made of`
  } catch (error) {
    return `DuckDB cannot read ${path}: ${errorMessage(error)}`
  }
}
