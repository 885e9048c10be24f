import { type ArchiveName, isSelected } from '../archive/names.ts'
import type { ArchiveFile } from '../source/archive/file.ts'
import type { Listing } from '../source/archive/list.ts'
import { min5 } from '../time/granularity.ts'
import { makeAgain } from './again.ts'
import type { RunContext } from './context.ts'
import { guardOf } from './guard.ts'
import { heldBy } from './held.ts'
import { isWhole, type Look, lookAt } from './look.ts'
import { openPass, type RunningPass } from './pass.ts'
import { filesOfFirstPass, findNewFiles, missingSpans, type PassFile, planFirstPass, readUpTo } from './plan.ts'
import { removeUsed } from './remove-used.ts'
import { selectFiles } from './select.ts'
import type { Work } from './work.ts'

/** How a run follows a directory that another process fills. */
export interface FollowOptions {
  /** Milliseconds without a new file after which it ends; absent: it waits for `.complete.json`. */
  readonly idleExit?: number
  /** Remove a file once nothing is left to do with it. */
  readonly deleteFiles: boolean
}

const pollEvery = 1_000
const speakEvery = 60_000
/** Files after which chunks are made again and files removed, even if there are more. */
const tidyEvery = 60

/**
 * Makes 5m rollups of the files of a directory while they arrive: as in a first pass, slots close by the buffer rule, or once a whole
 * file is named later than their end and the margin after it; chunks are committed one by one. Chunks with late points are made again as
 * soon as that margin is over. Ends when the directory says that all files have been there, and they have been read, or when no new one has come for
 * long. Resolves to the files of the range, those that are gone included.
 */
export async function follow(context: RunContext, work: Work): Promise<readonly ArchiveName[]> {
  const { catalogue, signal, settings } = context
  const arrivals = await watch(context, work)
  let idleSince = context.now()
  let spokenAt = idleSince
  let pass: RunningPass
  for (;;) {
    signal.throwIfAborted()
    const look = await lookAt(context, work)
    const found = await arrivals.findNew(look.listing)
    const { files } = found
    pass = found.pass
    for (let next = 0; next < files.length; next += tidyEvery) {
      await arrivals.read(pass, files.slice(next, next + tidyEvery))
      await tidy(context, work, { pass, look, next: files[next + tidyEvery] })
    }
    const now = context.now()
    if (files.length > 0) idleSince = now
    else if (isWhole(context, work, look)) break
    else if (now - idleSince >= (settings.follow?.idleExit ?? Number.POSITIVE_INFINITY)) break
    else await context.sleep(pollEvery, signal)
    if (now - Math.max(spokenAt, idleSince) < speakEvery) continue
    context.notify(`waiting for files in ${work.bucket.url}`)
    spokenAt = now
  }
  await pass.finish()
  if (settings.late.kind === 'reroll') await makeAgain(context, work.range)
  await removeUsed(context, work, await lookAt(context, work))
  return [...catalogue.all()].filter((file) => isSelected(file, work.asked, settings.margins))
}

/** Tells new files from those read, and reads them. */
async function watch(context: RunContext, work: Work) {
  const { catalogue, rejects, settings, report, signal } = context
  const { range, bucket, asked } = work
  const targets = await missingSpans(heldBy(context), range)
  const read = new Map<string, ArchiveFile>()
  let pass: RunningPass | undefined

  const begin = (files: readonly PassFile[], selected: readonly ArchiveFile[]) =>
    openPass(context, planFirstPass(range, targets), guardOf(context, selected, files))
  const firstFiles = (selected: readonly ArchiveFile[], news: ReadonlySet<string>) =>
    filesOfFirstPass({ catalogue, selected }, news, { targets, late: settings.late })

  return {
    /** New files, and at first those known to feed what is to be made, in canonical order; and the pass to read them in, always the same. */
    async findNew(listing: Listing): Promise<{ files: PassFile[]; pass: RunningPass }> {
      const selected = selectFiles(listing, asked, settings.margins)
      const untried = selected.filter(({ name, etag }) => read.get(name)?.etag !== etag)
      const news = await findNewFiles({ bucket, signal }, catalogue, untried)
      await rejects.forget(news)
      const isFirst = pass === undefined
      const files = isFirst
        ? firstFiles(selected, news)
        : untried.filter(({ name }) => news.has(name)).map((file) => ({ file, isNew: true }))
      pass ??= begin(files, selected)
      pass.expect(files)
      report.files.foreign = listing.foreign
      return { pass, files: files.map((each) => ({ ...each, isChanged: read.has(each.file.name) })) }
    },
    async read(running: RunningPass, files: readonly PassFile[]): Promise<void> {
      await running.read(files)
      for (const { file } of files) read.set(file.name, file)
      report.files.selected = read.size
    },
  }
}

/** Closes what is over, makes again what has new inputs, removes what is used up. */
async function tidy(
  context: RunContext,
  work: Work,
  { pass, look, next }: { pass: RunningPass; look: Look; next: PassFile | undefined },
): Promise<void> {
  const { catalogue, settings } = context
  const { margins } = settings
  const read = readUpTo(catalogue, look.listing.files, { range: work.asked, margins })
  const over = Math.min(read, next?.file.time ?? Number.POSITIVE_INFINITY) - margins.after
  if (!Number.isFinite(over)) return
  // The slots that end before it.
  await pass.closeBefore(Math.ceil(over / min5.size) * min5.size - min5.size)
  if (settings.late.kind === 'reroll') await makeAgain(context, work.range, over)
  await removeUsed(context, work, look)
}
