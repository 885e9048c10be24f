import { dirname, join } from 'node:path'
import { isWithin } from '../../metric/rows.ts'
import type { RowSequence } from '../../metric/sequence.ts'
import { groupRows } from '../../parquet/directory.ts'
import { verifyParquet } from '../../parquet/read/verify.ts'
import { type Encoder, parquetEncoder } from '../../parquet/write/encode.ts'
import { chunkOf, type Granularity } from '../../time/granularity.ts'
import { contains, type Range, split } from '../../time/range.ts'
import { arrayOf } from '../../util/array.ts'
import { ensureDirectory, type FileSystem, nodeFiles, removeFile, replaceFile } from '../../util/files.ts'
import { release } from '../../util/release.ts'
import type { Place, Receipt, RowBatch, RowQuery, Store, StoreOptions } from '../store.ts'
import { checksumOf } from './checksum.ts'
import { fileOf, hasFile, jobFolder, listWindow, prepareLake } from './layout.ts'
import { findRivals } from './rivals.ts'
import { rowKind } from './row-kind.ts'

export interface LakeOptions {
  /** The lake's folder; made where it is missing. */
  readonly path: string
  /** The job that writes: each job has its own files. */
  readonly job: string
  /** What becomes of series that another job of the lake holds in the same chunk: `fill` takes over those that lose no points thereby. */
  readonly existing?: 'refuse' | 'replace' | 'fill'
  /** Where alone rows of other jobs may be lost or changed, widened to whole slots; absent: wherever this job writes. */
  readonly within?: Range
  /** Kept in the metadata of every file. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly files?: FileSystem
}

/** A folder of Parquet files, as docs/lake.md describes it. */
export interface Lake extends Store {
  readonly path: string
  /** This job's own rows of the window of the chunk grid that holds `window`; undefined where it has no file. */
  own(granularity: Granularity, window: Range): Promise<RowBatch | undefined>
  /** Whether this job has a file for that window. */
  has(granularity: Granularity, window: Range): Promise<boolean>
  replace(...args: Parameters<Store['replace']>): Promise<LakeReceipt>
  /** Replaces the rows of all series of a range; where there are none as yet, they are written piece by piece. */
  put(granularity: Granularity, range: Range, rows: RowSequence): Promise<LakeReceipt>
  /** Reads the file of the window, which this lake has just replaced, back. Resolves to whether its rows are those that were to be written. */
  verify(granularity: Granularity, window: Range): Promise<boolean>
  /** Reads that file through DuckDB, as others would. Resolves to what is wrong if those are not the rows that were to be written. */
  verifyByQuery(granularity: Granularity, window: Range): Promise<string | undefined>
}

export interface LakeReceipt extends Receipt {
  /** All rows in the files that were written, with those that the replacement did not speak of. */
  readonly held: number
  /** The `checksum` of the rows, where they are all that one file holds. */
  readonly checksum?: string
  /** Whether series were taken over from another job. */
  readonly tookOver: boolean
}

/** Opens a lake for one job, which must be its only writer. */
export async function openLake(options: LakeOptions): Promise<Lake> {
  const { path, job, files = nodeFiles } = options
  await prepareLake(files, path)
  const temporary = join(jobFolder(path, job), 'tmp')
  await ensureDirectory(files, temporary)
  for (const name of await files.list(temporary)) await files.remove(join(temporary, name))

  const locate = (granularity: Granularity, window: Range) => join(path, fileOf(granularity, window, job))
  const own = async (granularity: Granularity, window: Range) => {
    const file = locate(granularity, window)
    const bytes = await files.read(file)
    return bytes && rowKind(granularity).decode(bytes, file)
  }

  const written = new Map<string, Encoder['digests']>()
  const writer = { ...options, files, temporary, own, locate, written }
  return {
    path,
    own,
    has: (granularity, window) => hasFile(files, path, fileOf(granularity, window, job)),
    replace: (place, batches) => replaceRows(writer, place, batches),
    put: (granularity, range, rows) => putRows(writer, { granularity, range, series: 'all' }, rows),
    async verify(granularity, window) {
      const path = locate(granularity, window)
      const digests = written.get(path)
      return digests !== undefined && (await files.readParts(path, (file) => verifyParquet(file, digests))) === true
    },
    async verifyByQuery(granularity, window) {
      const path = locate(granularity, window)
      const digests = written.get(path) ?? []
      if (digests.length === 0) return undefined
      const { verifyByQuery } = await import('./verify-by-query.ts')
      return verifyByQuery(path, granularity, digests)
    },
    read: (query, range, readOptions) => readLake(path, { query, range }, readOptions),
    async [Symbol.asyncDispose]() {},
  }
}

/** Reads the rows of all jobs of a lake. */
export async function* readLake(
  path: string,
  wanted: { query: RowQuery; range: Range },
  options?: StoreOptions,
): AsyncIterable<RowBatch> {
  // DuckDB is large: only reading pays for it.
  const { queryLake } = await import('./query.ts')
  yield* queryLake(path, wanted, options)
}

interface Writer extends LakeOptions {
  readonly files: FileSystem
  readonly temporary: string
  own(granularity: Granularity, window: Range): Promise<RowBatch | undefined>
  locate(granularity: Granularity, window: Range): string
  /** What the file that was written last is to be verified by. */
  readonly written: Map<string, Encoder['digests']>
}

async function replaceRows(
  writer: Writer,
  place: Place,
  batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
): Promise<LakeReceipt> {
  const rows = rowKind(place.granularity).arrange(await arrayOf(batches))
  const files: LakeFile[] = []
  for (const span of split(place.range, place.granularity.chunk))
    files.push(await replaceSpan(writer, { ...place, range: span }, rows))
  return receiptOf(rows.length, files)
}

/** Puts rows into a file of their own, piece by piece, where no job has one; else replaces what is there. */
async function putRows(writer: Writer, place: Place, rows: RowSequence): Promise<LakeReceipt> {
  if (rows.length === 0 || !(await isFirst(writer, place))) return replaceRows(writer, place, [rows.whole()])
  const { table } = rowKind(place.granularity)
  function* tables() {
    for (const piece of rows.pieces(groupRows)) yield table(piece)
  }
  return receiptOf(rows.length, [await writeRows(writer, place, tables())])
}

/** Whether a place lies in one window of which no job holds anything. */
async function isFirst({ files, path }: Writer, { granularity, range }: Place): Promise<boolean> {
  if (split(range, granularity.chunk).length !== 1) return false
  return (await listWindow(files, path, { granularity, window: chunkOf(granularity, range.start) })).length === 0
}

/** What a file holds once it has been written. */
interface LakeFile extends Pick<Encoder, 'digests'> {
  readonly rows: number
  readonly bytes: number
  readonly tookOver?: boolean
}

function receiptOf(rows: number, files: readonly LakeFile[]): LakeReceipt {
  const sum = (count: (file: LakeFile) => number) => files.reduce((total, file) => total + count(file), 0)
  const [bytes, held] = [sum((file) => file.bytes), sum((file) => file.rows)]
  const isOne = files.length === 1 && held === rows
  const tookOver = files.some((file) => file.tookOver)
  return { rows, bytes, held, tookOver, ...(isOne && { checksum: checksumOf(files[0].digests) }) }
}

/** Replaces the rows of a span that lies in one window, in one file. */
async function replaceSpan(writer: Writer, place: Place, rows: RowBatch): Promise<LakeFile> {
  const { table, merge } = rowKind(place.granularity)
  const own = await mergeWithKept(writer, place, rows)
  const rivals = await findRivals(writer, place, own)
  const mine = rivals.length > 0 ? merge([...rivals.map(({ taken }) => taken), own]) : own
  const file = await writeRows(writer, place, mine.length > 0 ? [table(mine)] : undefined)
  for (const { path, left } of rivals) await writeFile(writer, path, left.length > 0 ? [table(left)] : undefined)
  return { ...file, tookOver: rivals.length > 0 }
}

type Tables = Parameters<Encoder['encode']>[0]

/** Writes this job's file of a window, or removes it where there are no rows. */
async function writeRows(writer: Writer, { granularity, range }: Place, tables?: Tables): Promise<LakeFile> {
  const path = writer.locate(granularity, chunkOf(granularity, range.start))
  const file = await writeFile(writer, path, tables)
  writer.written.clear()
  writer.written.set(path, file.digests)
  return file
}

async function writeFile(
  { files, temporary, metadata = {} }: Writer,
  path: string,
  tables?: Tables,
): Promise<LakeFile> {
  const encoder = parquetEncoder(metadata)
  let bytes = 0
  if (!tables) await removeFile(files, path)
  else {
    await ensureDirectory(files, dirname(path))
    await replaceFile(files, { path, temporary: join(temporary, 'rows.parquet') }, pieces(tables))
  }
  return { rows: encoder.length, bytes, digests: encoder.digests }

  async function* pieces(wanted: Tables) {
    for await (const piece of encoder.encode(wanted)) {
      bytes += piece.length
      yield piece
      release(piece)
    }
  }
}

/** The new rows of the span, and of this job's old ones those that the replacement does not speak of. */
async function mergeWithKept(writer: Writer, { granularity, range, series }: Place, rows: RowBatch): Promise<RowBatch> {
  const { arrange, select } = rowKind(granularity)
  const fresh = isWithin(rows, range) ? rows : select(rows, (_text, time) => contains(range, time))
  const old = await writer.own(granularity, chunkOf(granularity, range.start))
  if (!old) return fresh
  const isReplaced = (text: string, time: number) => contains(range, time) && (series === 'all' || series.has(text))
  const before = select(old, (text, time) => time < range.end && !isReplaced(text, time))
  const after = select(old, (_text, time) => time >= range.end)
  return arrange([before, fresh, after])
}
