import { appearing } from '../parquet/content.ts'
import { type GroupWork, ownThread } from '../parquet/group-work.ts'
import type { Column } from '../parquet/table.ts'
import { startThread, type Thread } from '../util/thread.ts'
import type { Request } from './worker.ts'

/** Threads that encode and check the row groups of lake files, with the help of the calling one. */
export interface Threads extends AsyncDisposable {
  readonly work: GroupWork
  /** Starts one, since there will be something to do soon. */
  prepare(): void
}

/** They start when there is something for them to do. Without any, the calling thread does it. */
export function startThreads(count: number): Threads {
  const threads: Thread<Request, unknown>[] = []
  const start = () => threads.push(startThread(new URL('./worker.js', import.meta.url)))
  const leastBusy = (): Thread<Request, unknown> => {
    const free = threads.find(({ waiting }) => waiting === 0)
    if (!free && threads.length < count) start()
    return free ?? threads.reduce((least, each) => (each.waiting < least.waiting ? each : least))
  }
  const ask = <Result>(request: Request) => leastBusy().ask(request) as Promise<Result>
  /** The calling thread helps while the others have enough to do until it is done. */
  const helps = (): boolean => threads.length === count && threads.every(({ waiting }) => waiting > 1)
  const work: GroupWork = {
    async encode(columns) {
      if (helps()) return ownThread.encode(columns)
      return ask({ kind: 'encode', columns: columns.map(ownCopy) })
    },
    async digest(stored, columns, rows) {
      if (helps()) return ownThread.digest(stored, columns, rows)
      const { bytes, chunks } = stored
      return ask({ kind: 'digest', stored: { bytes: new Uint8Array(bytes), chunks }, columns, rows })
    },
  }
  return {
    work: count === 0 ? ownThread : work,
    prepare() {
      if (threads.length === 0 && count > 0) start()
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread.stop()))
    },
  }
}

/** A column on memory of its own: what goes to another thread takes all the memory along that it lies in. */
function ownCopy(column: Column): Column {
  if (column.type === 'string') return withOwnTexts(column)
  if (column.type !== 'bigint') return { ...column, values: column.values.slice() }
  return { ...column, values: column.values.slice(), present: column.present.slice() }
}

function withOwnTexts(column: Column & { type: 'string' }): Column {
  const { texts, places } = appearing(column)
  return { ...column, dictionary: texts, index: Uint32Array.from(places) }
}
