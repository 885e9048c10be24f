import type { CatalogueEntry } from '../archive/catalogue.ts'
import type { Bucket } from '../bucket/bucket.ts'
import { allocateRollups } from '../metric/rollups.ts'
import type { ArchiveFile } from '../source/archive/file.ts'
import { min5 } from '../time/granularity.ts'
import { overlaps, type Range } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { findOverrun } from './budget.ts'
import { commitSpan } from './commit.ts'
import { whereHeld } from './commit-chunks.ts'
import { lakeOf, type RunContext } from './context.ts'
import type { Counts } from './counts.ts'
import { createLateGuard } from './late.ts'
import type { Span } from './ledger.ts'
import { type PassFile, type PassGuard, type PassPlan, runPass } from './pass.ts'
import { filesOf, filesOfFirstPass, findNewFiles, groupIntoPasses, missingSpans, staleSpans } from './plan.ts'
import type { Report } from './report.ts'

/** The files of a run and the slots that it is about. */
export interface Work {
  readonly bucket: Bucket
  readonly selected: readonly ArchiveFile[]
  /** Slot-aligned. */
  readonly range: Range
}

/** How many hours may be open at once while chunks are made again. */
const openHours = 4

/** Makes the 5m rollups of a range, and makes again whichever chunks have new inputs. */
export async function makeFinest(context: RunContext, work: Work): Promise<void> {
  const before = context.ledger.done(min5, work.range)
  await readFirst(context, work)
  await recordEmpty(context, context.ledger.missing(min5, work.range))
  if (context.settings.late.kind === 'reroll') await makeAgain(context, work.range)
  context.report.chunks.upToDate += countUntouched(context, before)
  judgeRejects(context, work)
}

async function readFirst(context: RunContext, { bucket, selected, range }: Work): Promise<void> {
  const { catalogue, ledger, rejects, settings } = context
  const targets = await missingSpans(ledger, (held) => lakeOf(context, held), range)
  const news = await findNewFiles(bucket, catalogue, selected)
  await rejects.forget(news)
  // Which points are late depends on all points before them, so what drops late points must read them all.
  const readsAll = settings.late.kind !== 'reroll' && targets.length > 0
  const files = filesOfFirstPass({ catalogue, selected }, news, { targets, readsAll })
  if (files.length > 0)
    await pass(context, { range, targets, files, closing: 'buffer' }, guardOf(context, selected, files))
}

/** Runs a pass, announced. */
async function pass(context: RunContext, plan: PassPlan, guard: PassGuard): Promise<void> {
  context.progress.expect({ bytes: plan.files.reduce((sum, { file }) => sum + file.size, 0), files: plan.files.length })
  await runPass(context, plan, guard)
}

/** Stops a first pass where the late policy or the error budget says so. Lines of files that are not read now count too. */
function guardOf(
  { settings, catalogue, rejects }: RunContext,
  selected: readonly ArchiveFile[],
  files: readonly PassFile[],
): PassGuard {
  const isRead = new Set(files.map(({ file }) => file.name))
  const before = totalLines(selected.filter(({ name }) => !isRead.has(name)).map(({ name }) => catalogue.get(name)))
  return {
    late: createLateGuard(settings.late),
    rejects({ lines, rejectedLines }: Counts) {
      const total = { lines: before.lines + lines, rejectedLines: before.rejectedLines + rejectedLines }
      const overrun = findOverrun(settings.budget, total, false)
      if (!overrun) return
      const hint = `look at ${rejects.path}; if the lines may be lost, raise --max-rejects`
      throw new UserError(overrun, { exitCode: ExitCode.incomplete, hint })
    },
  }
}

function totalLines(entries: readonly (CatalogueEntry | undefined)[]): { lines: number; rejectedLines: number } {
  const total = { lines: 0, rejectedLines: 0 }
  for (const entry of entries) {
    total.lines += entry?.counts.lines ?? 0
    total.rejectedLines += entry?.counts.rejectedLines ?? 0
  }
  return total
}

/** Records those of some spans that no file has points for: they are done, and hold nothing. */
async function recordEmpty(context: RunContext, candidates: readonly Range[]): Promise<void> {
  const { catalogue, ledger, report } = context
  const spans: Span[] = []
  for (const empty of candidates.filter((span) => catalogue.feeding(span).length === 0)) {
    const span = await commitSpan(context, {
      granularity: min5,
      range: empty,
      rows: allocateRollups(0, []),
      inputs: catalogue.inputsOf(empty),
      duplicates: 0,
      held: whereHeld(context, empty),
    })
    if (span) spans.push(span)
  }
  await ledger.record(min5, spans)
  await context.pusher?.push(min5, spans)
  report.chunks.empty += spans.length
}

/** Makes again what has new inputs, wherever it lies, and makes what was left to do because late points were to come. */
async function makeAgain(context: RunContext, range: Range): Promise<void> {
  const { catalogue, ledger, report } = context
  await recordEmpty(context, staleSpans(ledger, catalogue))
  const stale = staleSpans(ledger, catalogue)
  const missing = await missingSpans(ledger, (held) => lakeOf(context, held), range)
  const spans = [...stale, ...missing.filter((span) => !stale.some((other) => overlaps(other, span)))]
  const toMake = spans.filter((span) => !hasFailed(report, span))
  for (const targets of groupIntoPasses(toMake, catalogue, openHours)) {
    const files = filesOf(catalogue, targets).map((file) => ({ file, isNew: false }))
    await pass(context, { range: allTime, targets, files, closing: 'lastFile' }, noGuard)
  }
}

const hasFailed = ({ refused, mismatched }: Report, span: Range): boolean =>
  [...refused, ...mismatched].some((failure) => overlaps(failure.range, span))

/** How many of the spans that were done before this run has left as they were, since nothing was to be done about them. */
const countUntouched = ({ ledger, report }: RunContext, before: readonly Span[]): number =>
  before.filter((span) => ledger.done(min5, span).includes(span) && !hasFailed(report, span)).length

/** Judges the bad lines of all files of the range, whichever run has read them. */
function judgeRejects({ catalogue, settings, report }: RunContext, { selected }: Work): void {
  const overrun = findOverrun(settings.budget, totalLines(selected.map(({ name }) => catalogue.get(name))), true)
  if (overrun) report.problems.push(overrun)
}

/** Points of slots that are not made again are of no concern here. */
const allTime: Range = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }

const noGuard: PassGuard = { late() {}, rejects() {} }
