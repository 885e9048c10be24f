import { openCatalogue } from '../archive/catalogue.ts'
import { type ArchiveName, compareNames, type NameBounds, nameBounds, nameParser } from '../archive/names.ts'
import { openBucket } from '../bucket/open.ts'
import { listArchive } from '../source/archive/list.ts'
import { openReader } from '../source/archive/reader.ts'
import { jobFolder } from '../store/lake/layout.ts'
import { min5 } from '../time/granularity.ts'
import { covers, type Range, requireInstants, requireShort, snapOutward } from '../time/range.ts'
import { systemClock } from '../util/clock.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import type { FileSystem } from '../util/files.ts'
import { isRemote } from '../util/location.ts'
import { makeCoarse, refreshCoarse } from './coarse.ts'
import type { RunContext } from './context.ts'
import { makeFinest } from './finest.ts'
import { describeJob, jobId } from './job.ts'
import type { PlannedOptions, RollupOptions, RunEffects } from './options.ts'
import { publishStaged } from './publish.ts'
import { openPusher } from './pusher.ts'
import { exitCodeOf, newReport, type RunSummary } from './report.ts'
import { findRange, selectFiles } from './select.ts'
import type { Work } from './work.ts'
import { cataloguePath, openWorkspace } from './workspace.ts'

/**
 * Rolls an archive up into a lake: makes what is missing or has new inputs, leaves alone what is up to date, reads back what it has
 * written. Every chunk is durable and recorded before the next is begun, so that it can be stopped at any moment and run again.
 * @throws a UserError where it cannot go on; what is done by then stays done
 */
export async function rollUpArchive(options: RollupOptions, effects: RunEffects): Promise<RunSummary> {
  const startedAt = effects.now()
  await using reader = await (effects.reader ?? openReader(options))
  const job = jobId(options)
  const { work, range, foreign } = await findWork(options, effects)
  effects.onStart?.({ range, slots: work.range, job })
  const report = newReport()
  report.files.selected = work.selected.length
  report.files.foreign = foreign
  const state = { ...options, description: describeJob(options), feeds: options.push !== undefined }
  await using workspace = await openWorkspace(state, effects.files)
  const keeps5m = options.granularities.includes(min5)
  const { sleep = systemClock.sleep, notify = () => {} } = effects
  const shared = { ...effects, sleep, notify, ...workspace, report }
  const pusher = openPusher(options, shared)
  const context: RunContext = { ...shared, reader, pusher, settings: { ...options, keeps5m } }
  await pusher?.resume()
  await makeLevels(context, work, options)
  report.points = context.ledger.done(min5, work.range).reduce((sum, { points }) => sum + points, 0)
  return {
    job,
    from: options.from,
    to: options.push?.name ?? options.to,
    state: options.push && options.to,
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
  if (context.settings.keeps5m) await publishStaged(context, min5, work.range)
  const coarse = { range: work.range, granularities: granularities.filter(({ size }) => size > min5.size) }
  await makeCoarse(context, coarse)
  await refreshCoarse(context, coarse)
  for (const granularity of granularities) {
    await context.pusher?.settle(granularity, snapOutward(work.range, granularity.size))
  }
}

/** Finds the files and the slots of a run. */
export async function findWork(
  options: PlannedOptions,
  { signal, files }: Pick<RunEffects, 'signal' | 'files'>,
): Promise<{ work: Work; range: Range; foreign: number }> {
  const bucket = openBucket(options.from, options.access)
  const parse = nameParser(options.namePattern)
  const list = () => listArchive(bucket, parse, { ...boundsOf(options), signal })
  const listing = await list()
  const range = options.range ?? findRange(listing.files) ?? findRange(await knownFiles(options, files))
  if (!range)
    throw new UserError(`no archive files in ${options.from}: ${listing.foreign} objects have other names`, {
      exitCode: options.allowEmpty ? ExitCode.ok : ExitCode.nothing,
      hint: 'check --from and --name-pattern; --allow-empty makes this no failure',
    })
  const selected = selectFiles(listing, requireShort(requireInstants(range)), options.margins)
  const work = { bucket, selected, range: snapOutward(range, min5.size), asked: range, parse, list }
  return { work, range, foreign: listing.foreign }
}

/** The files that earlier runs have read, in canonical order. They may be gone: what they fed is kept. */
async function knownFiles(options: PlannedOptions, files: FileSystem): Promise<ArchiveName[]> {
  const path = cataloguePath(jobFolder(options.to, jobId(options)))
  return [...(await openCatalogue(files, path, 'read')).all()].sort(compareNames)
}

/** A bucket of a year need not be listed for one day. */
function boundsOf({ from, range, margins, namePattern, listAll }: PlannedOptions): Partial<NameBounds> {
  const isWhole = !isRemote(from) || !range || namePattern !== undefined || listAll
  return isWhole ? {} : nameBounds(range, margins)
}
