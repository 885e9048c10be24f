import { join } from 'node:path'
import type { CatalogueEntry } from '../archive/catalogue.ts'
import { readMarker } from '../archive/marker.ts'
import { nameParser } from '../archive/names.ts'
import type { Listing } from '../source/archive/list.ts'
import { min5 } from '../time/granularity.ts'
import { hour, intersect, overlaps, type Time } from '../time/range.ts'
import type { RunContext } from './context.ts'
import { readUpTo } from './plan.ts'
import type { Work } from './work.ts'

/**
 * Removes the files of a directory that nothing is left to do with: every chunk that they feed is durable and not stale, and a file named
 * later than its end and the margin after it has been read whole. They are recorded as removed first, so that their chunks are never made
 * from less.
 */
export async function removeUsed(context: RunContext, work: Work, listing: Listing): Promise<void> {
  const { catalogue, settings, report } = context
  if (!settings.follow?.deleteFiles) return
  const isUsed = await usage(context, work, listing)
  const used = listing.files.flatMap(({ name, etag }) => {
    const entry = catalogue.get(name)
    return entry && entry.etag === etag && !entry.broken && isUsed(entry) ? [entry] : []
  })
  await catalogue.add(used.filter(({ isRemoved }) => !isRemoved).map((entry) => ({ ...entry, isRemoved: true })))
  for (const { name } of used) await context.files.remove(join(work.bucket.url, name))
  if (used.length > 0) await context.files.syncDirectory(work.bucket.url)
  report.files.removed += used.length
}

/** Tells whether a file is used up. */
async function usage(context: RunContext, work: Work, { files }: Listing): Promise<(entry: CatalogueEntry) => boolean> {
  const { ledger, catalogue, settings } = context
  const read = readUpTo(catalogue, files, { range: work.asked, margins: settings.margins })
  const over = Math.min(read, await arrived(context, work)) - settings.margins.after
  const isSettled = remember((start: Time) => {
    const span = intersect({ start, end: start + hour }, work.range)
    if (start + hour >= over || ledger.missing(min5, span).length > 0) return false
    return ledger.done(min5, span).every((done) => done.inputs === catalogue.inputsOf(done))
  })
  return ({ time, feeds, isRemoved }) => {
    const hours = feeds.map((feed) => feed.hour).filter((start) => overlaps({ start, end: start + hour }, work.range))
    return isRemoved === true || (hours.length > 0 ? hours.every(isSettled) : time < over)
  }
}

/** The name time of the file up to which a download says that all have come; without its marker nothing is known to be missing. */
async function arrived({ files }: RunContext, { bucket }: Work): Promise<Time> {
  const marker = await readMarker(files, [bucket.url])
  return (marker !== undefined && nameParser()(marker)?.time) || Number.POSITIVE_INFINITY
}

function remember<Key, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>()
  return (key) => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}
