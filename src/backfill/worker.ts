import { digestGroup, encodeGroup, type StoredGroup } from '../parquet/group.ts'
import type { Column } from '../parquet/table.ts'
import { answerRequests } from '../util/thread.ts'

/** What a thread of `threads.ts` is asked to do with a row group. */
export type Request =
  | { readonly kind: 'encode'; readonly columns: readonly Column[] }
  | {
      readonly kind: 'digest'
      readonly stored: StoredGroup
      readonly columns: readonly Pick<Column, 'name' | 'type'>[]
      readonly rows: number
    }

answerRequests<Request, unknown>((request) =>
  request.kind === 'encode' ? encodeGroup(request.columns) : digestGroup(request.stored, request.columns, request.rows),
)
