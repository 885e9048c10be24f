import { join } from 'node:path'
import type { CatalogueEntry } from '../archive/catalogue.ts'
import { min5 } from '../time/granularity.ts'
import { hour, intersect, overlaps, type Range, type Time } from '../time/range.ts'
import type { RunContext } from './context.ts'
import { heldBy } from './held.ts'
import type { Look } from './look.ts'
import { missingSpans, readUpTo } from './plan.ts'
import type { Work } from './work.ts'

/**
 * Removes the files of a directory that nothing is left to do with: every chunk that they feed is durable and not stale, and a file named
 * later than its end and the margin after it has been read whole. They are recorded as removed first, so that their chunks are never made
 * from less.
 */
export async function removeUsed(context: RunContext, work: Work, look: Look): Promise<void> {
  const { catalogue, settings, report } = context
  if (!settings.follow?.deleteFiles) return
  const known = look.listing.files.flatMap(({ name, etag }) => {
    const entry = catalogue.get(name)
    return entry && entry.etag === etag && !entry.broken ? [entry] : []
  })
  const used = await findUsed(context, work, { look, known })
  await catalogue.add(used.filter(({ isRemoved }) => !isRemoved).map((entry) => ({ ...entry, isRemoved: true })))
  for (const { name } of used) await context.files.remove(join(work.bucket.url, name))
  if (used.length > 0) await context.files.syncDirectory(work.bucket.url)
  report.files.removed += used.length
}

/** Those of the known files that are used up. */
async function findUsed(
  context: RunContext,
  work: Work,
  { look, known }: { look: Look; known: readonly CatalogueEntry[] },
): Promise<CatalogueEntry[]> {
  const { margins } = context.settings
  const read = readUpTo(context.catalogue, look.listing.files, { range: work.asked, margins })
  const over = Math.min(read, look.arrived) - margins.after
  const hoursOf = ({ feeds }: CatalogueEntry) =>
    feeds.map((feed) => feed.hour).filter((start) => overlaps({ start, end: start + hour }, work.range))
  const settled = new Set<Time>()
  for (const start of new Set(known.flatMap(hoursOf))) {
    const span = intersect({ start, end: start + hour }, work.range)
    if (start + hour < over && (await isSettled(context, span))) settled.add(start)
  }
  return known.filter((entry) => {
    const hours = hoursOf(entry)
    return entry.isRemoved || (hours.length > 0 ? hours.every((start) => settled.has(start)) : entry.time < over)
  })
}

/** Whether a span is done, its rows are where they belong, in another store that is fed too, and no input of it has changed since. */
async function isSettled(context: RunContext, span: Range): Promise<boolean> {
  const { ledger, catalogue, pusher } = context
  const missing = await missingSpans(heldBy(context), span)
  if (missing.length > 0) return false
  for (const done of ledger.done(min5, span)) {
    if (done.inputs !== catalogue.inputsOf(done)) return false
    if (pusher && !(await pusher.holds(min5, done))) return false
  }
  return true
}
