import type { GroupWork } from '../parquet/group-work.ts'
import type { Column } from '../parquet/table.ts'
import type { FileResult, FileTask, ScanSettings } from '../source/archive/stream.ts'

/** Threads that read archive files, and encode and check the row groups of lake files. */
export interface Threads extends AsyncDisposable {
  readonly work: GroupWork
  /** Has a file read by a thread. */
  read(task: FileTask, signal?: AbortSignal): Promise<FileResult>
}

export async function startThreads(settings: ScanSettings, threads: number): Promise<Threads> {
  const { Piscina } = await import('piscina')
  const pool = new Piscina({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // So that a thread need not wait for the next task until the main one is free.
    concurrentTasksPerWorker: 2,
    workerData: settings,
  })
  return {
    read: (task, signal) => pool.run(task, { name: 'readFile', transferList: [task.port], signal }),
    work: {
      encode: (columns) => pool.run(columns.map(ownCopy), { name: 'encode' }),
      digest: ({ bytes, chunks }, columns, rows) =>
        pool.run({ stored: { bytes: new Uint8Array(bytes), chunks }, columns, rows }, { name: 'digest' }),
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** A column on memory of its own: what goes to another thread takes all the memory along that it lies in. */
function ownCopy(column: Column): Column {
  if (column.type === 'string') return withOwnTexts(column)
  if (column.type !== 'bigint') return { ...column, values: column.values.slice() }
  return { ...column, values: column.values.slice(), present: column.present.slice() }
}

function withOwnTexts({ name, type, dictionary, index }: Column & { type: 'string' }): Column {
  const places = new Map<number, number>()
  const texts: string[] = []
  const own = index.map((at) => {
    const place = places.get(at) ?? texts.push(dictionary[at]) - 1
    places.set(at, place)
    return place
  })
  return { name, type, dictionary: texts, index: own }
}
