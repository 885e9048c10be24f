import { digestGroup, encodeGroup, type StoredGroup } from '../parquet/group.ts'
import type { Column } from '../parquet/table.ts'

// What the threads of a run do, by name.

export { default as readFile } from '../source/archive/worker.ts'
export { encodeGroup as encode }

export const digest = (task: { stored: StoredGroup; columns: readonly Column[]; rows: number }): Promise<string> =>
  digestGroup(task.stored, task.columns, task.rows)
