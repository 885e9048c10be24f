import { openCatalogue } from '../archive/catalogue.ts'
import { findLake, jobFolder } from '../store/lake/layout.ts'
import { min5 } from '../time/granularity.ts'
import { formatRange, type Range } from '../time/range.ts'
import { nodeFiles } from '../util/files.ts'
import { heldInFiles } from './held.ts'
import { jobId } from './job.ts'
import { openLedger } from './ledger.ts'
import type { PlannedOptions } from './options.ts'
import { filesOfFirstPass, findNewFiles, missingSpans } from './plan.ts'
import { findWork } from './run.ts'
import { cataloguePath, ledgerPath } from './workspace.ts'

/** What a run would do. */
export interface DryRun {
  readonly job: string
  readonly range: Range
  readonly granularities: readonly string[]
  readonly chunks: { readonly toDo: readonly string[]; readonly upToDate: number }
  readonly files: {
    readonly toRead: number
    readonly bytes: number
    readonly first?: string
    readonly last?: string
    readonly foreign: number
  }
  /** Seconds, by the rate of `assumedRate`. */
  readonly estimatedSeconds: number
}

/** Compressed bytes a second and worker, on an ordinary core; no promise. */
export const assumedRate = 15e6

/** Works out what a run would do, without taking the lock or writing anything. */
export async function planArchive(options: PlannedOptions, signal: AbortSignal): Promise<DryRun> {
  const job = jobId(options)
  await findLake(nodeFiles, options.to)
  const { work, foreign } = await findWork(options, { signal, files: nodeFiles })
  const folder = jobFolder(options.to, job)
  const ledger = await openLedger(nodeFiles, ledgerPath(folder), 'read')
  const catalogue = await openCatalogue(nodeFiles, cataloguePath(folder), 'read')
  const targets = await missingSpans(heldInFiles(ledger, { path: options.to, job }), work.range)
  const news = await findNewFiles({ bucket: work.bucket, signal }, catalogue, work.selected)
  const files = filesOfFirstPass({ catalogue, selected: work.selected }, news, { targets, late: options.late })
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  return {
    job,
    range: work.range,
    granularities: options.granularities.map(({ name }) => name),
    chunks: { toDo: targets.map(formatRange), upToDate: ledger.done(min5, work.range).length },
    files: { toRead: files.length, bytes, first: files[0]?.file.name, last: files.at(-1)?.file.name, foreign },
    estimatedSeconds: bytes / (assumedRate * Math.max(1, options.workers)),
  }
}
