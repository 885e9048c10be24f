import { basename, dirname, join } from 'node:path'
import { chunkOf, type Granularity } from '../../time/granularity.ts'
import { formatTime, hour, type Range } from '../../time/range.ts'
import { refusal, UserError, usageError } from '../../util/errors.ts'
import { ensureDirectory, type FileSystem, replaceFile } from '../../util/files.ts'

/** The folder of a lake that readers leave alone: the lock and every job's state. */
export const stateFolder = '_retrofill'

/** The version of the layout that this program writes; a lake of a higher one is refused. */
const layoutVersion = 1

/** Where a job keeps its ledger, catalogue and rejects inside a lake. */
export const jobFolder = (lake: string, job: string): string => join(lake, stateFolder, job)

/** The folder of the files of one granularity and day: `5m/date=2014-02-14`. */
const dayFolder = (granularity: Granularity, window: Range): string =>
  join(granularity.name, `date=${dateAndTime(window)[0]}`)

/** What a file is called before `.<job>.parquet`: the hour, or `day` for granularities whose grid is a day. */
const windowName = (granularity: Granularity, window: Range): string =>
  granularity.chunk === hour ? dateAndTime(window)[1].slice(0, 2) : 'day'

/** The two halves of its start in ISO-8601, where years beyond 9999 have a sign and six digits. */
const dateAndTime = ({ start }: Range): string[] => formatTime(start).split('T')

/** The file of one job for one window of the chunk grid, below the lake's root. */
export const fileOf = (granularity: Granularity, window: Range, job: string): string =>
  join(dayFolder(granularity, window), `${windowName(granularity, window)}.${job}.parquet`)

/** The windows of the chunk grid for which some job has a file. */
export async function heldWindows(files: FileSystem, lake: string, granularity: Granularity): Promise<Range[]> {
  const root = join(lake, granularity.name)
  const windows = new Map<number, Range>()
  for (const folder of (await files.list(root)).sort()) {
    for (const name of (await files.list(join(root, folder))).sort()) {
      const hourText = /^\d\d(?=\.)/.exec(name)?.[0] ?? '00'
      const start = Date.parse(`${folder.slice('date='.length)}T${hourText}:00Z`)
      if (name.endsWith('.parquet') && Number.isFinite(start)) windows.set(start, chunkOf(granularity, start))
    }
  }
  return [...windows.values()]
}

/** Whether a lake has the file of one job for one window. */
export async function hasFile(files: FileSystem, lake: string, file: string): Promise<boolean> {
  return (await files.list(join(lake, dirname(file)))).includes(basename(file))
}

/** The files of all jobs for one window, below the lake's root. */
export async function listWindow(
  files: FileSystem,
  lake: string,
  { granularity, window }: { granularity: Granularity; window: Range },
): Promise<string[]> {
  const folder = dayFolder(granularity, window)
  const prefix = `${windowName(granularity, window)}.`
  const names = await files.list(join(lake, folder))
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(folder, name))
}

/** Makes a lake where there is none, as its only writer. */
export async function prepareLake(files: FileSystem, root: string): Promise<void> {
  if (await claimFolder(files, root)) return
  const marker = markerOf(root)
  const text = JSON.stringify({ layout: layoutVersion })
  await replaceFile(files, { path: marker, temporary: `${marker}.tmp` }, [Buffer.from(`${text}\n`)])
}

/** Makes the folder that a lake's lock lies in. Resolves to whether the lake is there already. */
export async function claimFolder(files: FileSystem, root: string): Promise<boolean> {
  if (await findLake(files, root)) return true
  await ensureDirectory(files, dirname(markerOf(root)))
  return false
}

/** Whether there is a lake. Refuses files, folders with other things in them, and lakes of a newer layout. */
export async function findLake(files: FileSystem, root: string): Promise<boolean> {
  const found = await files.read(markerOf(root)).catch((error) => rejectFile(root, error))
  if (found) {
    checkVersion(root, found)
    return true
  }
  const others = (await files.list(root)).filter((name) => name !== stateFolder)
  if (others.length > 0) throw usageError(`not a lake: ${root} holds ${others[0]}`, 'name a new folder, or a lake')
  return false
}

/** Refuses what is no lake. */
export async function requireLake(files: FileSystem, root: string): Promise<void> {
  if (!(await findLake(files, root)))
    throw usageError(`not a lake: ${root}`, 'name a folder that rollup, backfill or generate-data wrote to')
}

const markerOf = (root: string): string => join(root, stateFolder, 'lake.json')

function checkVersion(root: string, marker: Uint8Array): void {
  const layout = readLayout(marker)
  if (layout === undefined) throw new UserError(`damaged lake: ${markerOf(root)} names no layout`)
  if (layout > layoutVersion)
    throw refusal(
      `newer lake: ${root} has layout ${layout}, this program knows up to ${layoutVersion}`,
      'use a newer retrofill',
    )
}

function readLayout(marker: Uint8Array): number | undefined {
  try {
    return JSON.parse(Buffer.from(marker).toString('utf8')).layout
  } catch {
    return undefined
  }
}

function rejectFile(root: string, error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR')
    throw usageError(`not a directory: ${root}`, 'a lake is a folder')
  throw error
}
