import { join } from 'node:path'
import { openCatalogue } from '../archive/catalogue.ts'
import { readTail } from '../parquet/read/tail.ts'
import { fileOf, heldWindows, jobFolder, requireLake, stateFolder } from '../store/lake/layout.ts'
import { namesMetricsFile, stateBeside } from '../store/open.ts'
import { full } from '../time/granularity.ts'
import { type Range, union } from '../time/range.ts'
import { errorCode, UserError, usageError } from '../util/errors.ts'
import type { FileSystem } from '../util/files.ts'
import { isRemote } from '../util/location.ts'
import { outputPath } from '../util/output-path.ts'
import type { LatePolicy } from './late.ts'
import { openLedger } from './ledger.ts'
import { staleSpans } from './plan.ts'
import { cataloguePath, ledgerPath } from './workspace.ts'

/** What a lake's state tells of one job. */
export interface JobStatus {
  readonly job: string
  /** Where its points come from: a location, or the kind of a source that has none. */
  readonly source: string
  /** The store that it feeds from a staging lake. */
  readonly store?: string
  readonly levels: readonly LevelStatus[]
  /** Of all files that the job has scanned. */
  readonly counts: Readonly<Record<string, number>>
  readonly files: { readonly scanned: number; readonly broken: number }
  /** Done spans of 5m rollups that have new inputs. */
  readonly stale: number
}

export interface LevelStatus {
  readonly granularity: string
  readonly chunks: number
  readonly failed: number
  readonly rows: number
  readonly points: number
  readonly duplicates: number
  readonly ranges: readonly Range[]
  /** Done chunks that a database has as they are; absent where there is none. */
  readonly pushed?: number
}

/**
 * The lakes in which jobs keep their state: a lake itself, or the staging lakes beside a metrics file or in a folder of states.
 * @throws a usage error where there are none
 */
export async function findStateLakes(files: FileSystem, path: string): Promise<string[]> {
  const folder = namesMetricsFile(path) ? stateBeside(await outputPath(path)) : path
  const lakes: string[] = []
  for (const name of (await listFolder(files, folder)).sort()) {
    if (name === stateFolder) {
      await requireLake(files, folder)
      return [folder]
    }
    if ((await listFolder(files, join(folder, name))).includes(stateFolder)) lakes.push(join(folder, name))
  }
  if (lakes.length > 0) return lakes
  if (folder !== path) throw usageError(`no job feeds ${path}: ${folder} holds no state`, 'name what backfill wrote to')
  await requireLake(files, folder)
  return lakes
}

/** A file holds nothing. */
const listFolder = (files: FileSystem, path: string): Promise<string[]> =>
  files.list(path).catch((error) => {
    if (errorCode(error) === 'ENOTDIR') return []
    throw error
  })

/** Reads the state of every job of a lake, without taking its lock. */
export async function readStatus(files: FileSystem, lake: string): Promise<JobStatus[]> {
  const jobs: JobStatus[] = []
  for (const job of (await files.list(join(lake, stateFolder))).sort()) {
    const folder = join(lake, stateFolder, job)
    const path = join(folder, 'job.json')
    const description = await files.read(path).catch(() => undefined)
    if (description) jobs.push(await readJob(files, lake, { job, ...parseDescription(description, path) }))
  }
  return jobs
}

function parseDescription(bytes: Uint8Array, path: string): Omit<JobDescription, 'job'> {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new UserError(`damaged state: ${path} is no JSON`, {
      cause,
      hint: 'remove it and run the command that made it again: it will be written anew',
    })
  }
}

/** What `job.json` tells of any kind of job. */
interface JobDescription extends Pick<JobStatus, 'job' | 'source' | 'store'> {
  readonly options?: { readonly location?: string }
  readonly late?: LatePolicy
}

async function readJob(
  files: FileSystem,
  lake: string,
  { job, source, options, store, late }: JobDescription,
): Promise<JobStatus> {
  const folder = jobFolder(lake, job)
  const ledger = await openLedger(files, ledgerPath(folder), 'read')
  const catalogue = await openCatalogue(files, cataloguePath(folder), 'read')
  const entries = [...catalogue.all()]
  const counts: Record<string, number> = {}
  for (const entry of entries) {
    for (const [name, value] of Object.entries(entry.counts)) counts[name] = (counts[name] ?? 0) + value
  }
  const levels = ledger.granularities().map((granularity): LevelStatus => {
    const spans = ledger.spans(granularity)
    const sum = (field: 'rows' | 'points' | 'duplicates') => spans.reduce((total, span) => total + span[field], 0)
    return {
      granularity: granularity.name,
      chunks: ledger.chunks(granularity).length,
      failed: ledger.failed(granularity).length,
      rows: sum('rows'),
      points: sum('points'),
      duplicates: sum('duplicates'),
      ranges: union(spans),
      ...(store !== undefined && isRemote(store) && { pushed: spans.filter((span) => span.pushed).length }),
    }
  })
  const broken = entries.filter((entry) => entry.broken !== undefined).length
  return {
    job,
    source: options?.location ?? source,
    store,
    levels: levels.length > 0 ? levels : await levelsOfFiles(files, lake, job),
    counts,
    files: { scanned: entries.length, broken },
    // Chunks whose late points are dropped are never made again.
    stale: late?.kind === 'reroll' ? staleSpans(ledger, catalogue).length : 0,
  }
}

/** Of a job without a ledger, such as a generator's, its files tell what it has made. */
async function levelsOfFiles(files: FileSystem, lake: string, job: string): Promise<LevelStatus[]> {
  const windows: Range[] = []
  let rows = 0
  for (const window of await heldWindows(files, lake, full)) {
    const tail = await files.readParts(join(lake, fileOf(full, window, job)), readTail)
    if (!tail) continue
    rows += tail.directory.length
    windows.push(window)
  }
  if (windows.length === 0) return []
  const chunks = windows.length
  return [{ granularity: full.name, chunks, failed: 0, rows, points: rows, duplicates: 0, ranges: union(windows) }]
}
