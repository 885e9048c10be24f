import { decodeParquet } from '../../parquet/read/decode.ts'
import type { Column } from '../../parquet/table.ts'
import { errorMessage, UserError } from '../../util/errors.ts'

/** Finds the column of a name, which must be of that type. */
export type ColumnFinder = <Type extends Column['type']>(name: string, type: Type) => Column & { type: Type }

/** The rows of a lake file. Throws where the file is not one that retrofill has made, to the last bit. */
export async function decodeFile<Rows>(
  { bytes, path }: { bytes: Uint8Array; path: string },
  rowsOf: (length: number, column: ColumnFinder) => Rows,
): Promise<Rows> {
  try {
    const { length, columns } = await decodeParquet(bytes)
    return rowsOf(length, columnFinder(columns))
  } catch (cause) {
    throw new UserError(`damaged lake file: ${path}: ${errorMessage(cause)}`, {
      cause,
      hint: 'remove the file and run the command that made it again: it will be made anew',
    })
  }
}

function columnFinder(columns: readonly Column[]): ColumnFinder {
  const byName = new Map(columns.map((column) => [column.name, column]))
  return <Type extends Column['type']>(name: string, type: Type) => {
    const column = byName.get(name)
    if (column?.type !== type) throw new Error(`expected a column ${name} of type ${type}, got ${column?.type}`)
    return column as Column & { type: Type }
  }
}
