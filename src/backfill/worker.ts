import { parentPort } from 'node:worker_threads'
import { digestGroup, encodeGroup, type StoredGroup } from '../parquet/group.ts'
import type { Column } from '../parquet/table.ts'

/** What a thread of `threads.ts` is asked to do with a row group. */
export type Request =
  | { readonly kind: 'encode'; readonly columns: readonly Column[] }
  | {
      readonly kind: 'digest'
      readonly stored: StoredGroup
      readonly columns: readonly Pick<Column, 'name' | 'type'>[]
      readonly rows: number
    }

export interface Reply {
  readonly id: number
  readonly result?: unknown
  readonly error?: unknown
}

parentPort?.on('message', async ({ id, request }: { id: number; request: Request }) => {
  const reply = (message: Reply) => parentPort?.postMessage(message)
  try {
    reply({ id, result: await answer(request) })
  } catch (error) {
    reply({ id, error })
  }
})

const answer = (request: Request): Promise<unknown> =>
  request.kind === 'encode' ? encodeGroup(request.columns) : digestGroup(request.stored, request.columns, request.rows)
