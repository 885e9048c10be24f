import { openCatalogue } from '../archive/catalogue.ts'
import { type ArchiveName, compareNames, nameParser } from '../archive/names.ts'
import { directoryBucket } from '../bucket/directory.ts'
import { listArchive } from '../source/archive/list.ts'
import { localReader, pooledReader } from '../source/archive/reader.ts'
import { jobFolder } from '../store/lake/layout.ts'
import { min5 } from '../time/granularity.ts'
import { covers, type Range, requireInstants, snapOutward } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import type { FileSystem } from '../util/files.ts'
import { makeCoarse, refreshCoarse } from './coarse.ts'
import type { RunContext } from './context.ts'
import { makeFinest, type Work } from './finest.ts'
import { jobId } from './job.ts'
import type { RollupOptions, RunEffects } from './options.ts'
import { publishStaged } from './publish.ts'
import { exitCodeOf, newReport, type RunSummary } from './report.ts'
import { findRange, selectFiles } from './select.ts'
import { startThreads, type Threads } from './threads.ts'
import { cataloguePath, openWorkspace } from './workspace.ts'

/**
 * Rolls an archive up into a lake: makes what is missing or has new inputs, leaves alone what is up to date, reads back what it has
 * written. Every chunk is durable and recorded before the next is begun, so that it can be stopped at any moment and run again.
 * @throws a UserError where it cannot go on; what is done by then stays done
 */
export async function rollUpArchive(options: RollupOptions, effects: RunEffects): Promise<RunSummary> {
  const startedAt = effects.now()
  const job = jobId(options)
  const { work, range, foreign } = await findWork(options, effects)
  effects.onStart?.({ range, slots: work.range, job })
  const report = newReport()
  report.files.selected = work.selected.length
  report.files.foreign = foreign
  await using threads = await openThreads(options)
  await using workspace = await openWorkspace(options, { files: effects.files, work: threads?.work })
  await using reader = threads ? pooledReader(threads.read) : localReader(work.bucket, options.shards)
  const keeps5m = options.granularities.includes(min5)
  const context: RunContext = { ...effects, ...workspace, reader, report, settings: { ...options, keeps5m } }
  await makeLevels(context, work, options)
  report.points = context.ledger.done(min5, work.range).reduce((sum, { points }) => sum + points, 0)
  return {
    job,
    from: options.from,
    to: options.to,
    range: work.range,
    isSnapped: !covers(range, work.range),
    granularities: options.granularities.map(({ name }) => name),
    rejectsFile: workspace.rejects.path,
    verify: options.verify,
    seconds: (effects.now() - startedAt) / 1_000,
    exitCode: exitCodeOf(report, options),
    report,
  }
}

async function makeLevels(context: RunContext, work: Work, { granularities }: RollupOptions): Promise<void> {
  await makeFinest(context, work)
  if (context.settings.keeps5m) await publishStaged(context, work.range)
  const coarse = { range: work.range, granularities: granularities.filter(({ size }) => size > min5.size) }
  await makeCoarse(context, coarse)
  await refreshCoarse(context, coarse)
}

/** Finds the files and the slots of a run. */
export async function findWork(
  options: RollupOptions,
  { signal, files }: Pick<RunEffects, 'signal' | 'files'>,
): Promise<{ work: Work; range: Range; foreign: number }> {
  const bucket = directoryBucket(options.from)
  const listing = await listArchive(bucket, nameParser(options.namePattern), signal)
  const range = options.range ?? findRange(listing.files) ?? findRange(await knownFiles(options, files))
  if (!range)
    throw new UserError(`no archive files in ${options.from}: ${listing.foreign} objects have other names`, {
      exitCode: options.allowEmpty ? ExitCode.ok : ExitCode.nothing,
      hint: 'check --from and --name-pattern; --allow-empty makes this no failure',
    })
  const selected = selectFiles(listing, requireInstants(range), options.margins)
  return { work: { bucket, selected, range: snapOutward(range, min5.size) }, range, foreign: listing.foreign }
}

/** The files that earlier runs have read, in canonical order. They may be gone: what they fed is kept. */
async function knownFiles(options: RollupOptions, files: FileSystem): Promise<ArchiveName[]> {
  const path = cataloguePath(jobFolder(options.to, jobId(options)))
  return [...(await openCatalogue(files, path, 'read')).all()].sort(compareNames)
}

const openThreads = async ({ from, shards, workers }: RollupOptions): Promise<Threads | undefined> =>
  workers === 0 ? undefined : startThreads({ directory: from, shards: [...shards] }, workers)
