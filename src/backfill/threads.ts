import { Worker } from 'node:worker_threads'
import { appearing } from '../parquet/content.ts'
import { type GroupWork, ownThread } from '../parquet/group-work.ts'
import type { Column } from '../parquet/table.ts'
import type { Reply, Request } from './worker.ts'

/** Threads that encode and check the row groups of lake files. */
export interface Threads extends AsyncDisposable {
  readonly work: GroupWork
}

/** They start when there is something for them to do. Without any, the calling thread does it. */
export function startThreads(count: number): Threads {
  const threads: Thread[] = []
  const leastBusy = (): Thread => {
    const free = threads.find(({ waiting }) => waiting.size === 0)
    if (!free && threads.length < count) threads.push(startThread())
    return free ?? threads.reduce((least, each) => (each.waiting.size < least.waiting.size ? each : least))
  }
  const work: GroupWork = {
    encode: (columns) => ask(leastBusy(), { kind: 'encode', columns: columns.map(ownCopy) }),
    digest: ({ bytes, chunks }, columns, rows) =>
      ask(leastBusy(), { kind: 'digest', stored: { bytes: new Uint8Array(bytes), chunks }, columns, rows }),
  }
  return {
    work: count === 0 ? ownThread : work,
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}

interface Thread {
  readonly worker: Worker
  /** Who waits for an answer, by the number of the request. */
  readonly waiting: Map<number, { resolve(result: unknown): void; reject(error: unknown): void }>
  asked: number
}

function startThread(): Thread {
  const worker = new Worker(new URL('./worker.js', import.meta.url))
  const waiting: Thread['waiting'] = new Map()
  worker.on('message', ({ id, result, error }: Reply) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(result)
    else one?.reject(error)
  })
  worker.on('error', (error) => {
    for (const { reject } of waiting.values()) reject(error)
  })
  return { worker, waiting, asked: 0 }
}

const ask = <Result>(thread: Thread, request: Request): Promise<Result> =>
  new Promise((resolve, reject) => {
    const id = thread.asked++
    thread.waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
    thread.worker.postMessage({ id, request })
  })

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
