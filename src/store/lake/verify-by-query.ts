import type { Granularity } from '../../time/granularity.ts'
import { arrayOf } from '../../util/array.ts'
import { errorMessage } from '../../util/errors.ts'
import { checksum, checksumOf } from './checksum.ts'
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
    const rows = rowKind(granularity).arrange(await arrayOf(queryFile(path, granularity)))
    const isSame = checksum(rows) === checksumOf(digests)
    return isSame ? undefined : `DuckDB reads other rows from ${path} than those that it was made of`
  } catch (error) {
    return `DuckDB cannot read ${path}: ${errorMessage(error)}`
  }
}
