import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeComplete, writeComplete } from '../archive/complete.ts'
import { compareBytes } from '../util/bytes.ts'
import { usageError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { isRemote } from '../util/location.ts'
import { acquireLock } from '../util/lock.ts'
import { isSamePlace } from '../util/same-place.ts'
import type { DownloadOptions } from './options.ts'
import { lastInstant } from './period.ts'
import { findTrusted, type Plan, planDownload, type SkippedNames } from './plan.ts'
import { openReceived, type Received } from './received.ts'
import { type FailedFile, fetchPlanned, type RoundReport, sumOfSizes } from './round.ts'
import { checkLimits } from './space.ts'

export interface DownloadReport {
  /** Files that the period wants, and their bytes, by the last listing. */
  readonly files: number
  readonly bytes: number
  readonly first?: string
  readonly last?: string
  /** Wanted files that were there before this run. */
  readonly already: number
  /** Files that came, and their bytes; in a dry run, those that would. */
  readonly fetched: number
  readonly fetchedBytes: number
  readonly failed: readonly FailedFile[]
  /** Files for which there was no room, and none to come: a file that failed or was not listed keeps the reader from removing others. */
  readonly left: number
  /** Names that are no archive file's, and archive files of other times, where it was listed. */
  readonly foreign: number
  readonly outside: number
  readonly skipped?: SkippedNames
  /** Whether more files may still come, by the clock. */
  readonly isOver: boolean
  /** Whether every file of the period has been in the directory. */
  readonly complete: boolean
}

const pollEvery = 30_000

/**
 * Fetches the archive files of a period into a directory, each once, and says there when the set is whole. What an earlier run fetched is
 * left alone, wherever that was stopped. Files that cannot be had are reported; the others come all the same.
 * @throws a usage error where bucket and directory are one
 */
export async function download(options: DownloadOptions): Promise<DownloadReport> {
  const { directory, dryRun } = options
  await requireOther(options)
  if (dryRun) return lookOnly(options)
  await mkdir(directory, { recursive: true })
  const lock = await acquireLock(join(directory, '.download.lock'), { takeOver: options.takeOver })
  try {
    const received = await openReceived(nodeFiles, directory)
    return await fetchUntilOver(options, received).finally(() => received.close())
  } finally {
    await lock.release()
  }
}

async function requireOther({ bucket, directory }: DownloadOptions): Promise<void> {
  if (!isRemote(bucket.url) && (await isSamePlace(bucket.url, directory)))
    throw usageError(
      `source and destination are the same directory: ${directory}`,
      'name another directory to fetch into',
    )
}

async function lookOnly(options: DownloadOptions): Promise<DownloadReport> {
  const isOver = options.clock.now() > lastInstant(options.period)
  const received = await openReceived(nodeFiles, options.directory, 'read')
  const plan = await planDownload(options, received, await findTrusted(options))
  checkLimits(plan.wanted, options.limits ?? {}, options.readerSpan ?? 0)
  const round = { fetched: plan.todo.length, fetchedBytes: sumOfSizes(plan.todo), failed: [], left: 0 }
  return { ...describe(plan, round), already: plan.whole.length, isOver, complete: false }
}

async function fetchUntilOver(options: DownloadOptions, received: Received): Promise<DownloadReport> {
  const { directory, period, clock, wait, signal, notify } = options
  const trusted = await findTrusted(options)
  let already: number | undefined
  let [fetched, fetchedBytes] = [0, 0]
  for (let rounds = 0; ; rounds++) {
    // Before listing: a file that is made while we list may be missing from it.
    const isOver = clock.now() > lastInstant(period)
    const plan = await planDownload(options, received, trusted)
    if (plan.todo.length > 0) await removeComplete(nodeFiles, directory)
    const round = await fetchPlanned(plan, options, received)
    already ??= plan.whole.length
    fetched += round.fetched
    fetchedBytes += round.fetchedBytes
    if (isOver || !wait) {
      const complete = isOver && isWhole(plan, round, options)
      await say(complete, plan, options)
      return { ...describe(plan, { ...round, fetched, fetchedBytes }), already, isOver, complete }
    }
    if (rounds === 0) notify(`waiting for more files until ${new Date(lastInstant(period)).toISOString()}`)
    await clock.sleep(Math.min(pollEvery, lastInstant(period) + 1 - clock.now()), signal)
  }
}

const isWhole = ({ wanted, skipped }: Plan, { failed }: RoundReport, { allowEmpty }: DownloadOptions): boolean =>
  !skipped && failed.length === 0 && (wanted.length > 0 || allowEmpty === true)

/** Leaves the word in the directory that the set is whole, or takes away an older one that would be read as this one's. */
async function say(complete: boolean, plan: Plan, { directory, period }: DownloadOptions): Promise<void> {
  const names = plan.wanted.map(({ name }) => name)
  await (complete ? writeComplete(nodeFiles, directory, { ...period, names }) : removeComplete(nodeFiles, directory))
}

function describe({ wanted, foreign, outside, skipped }: Plan, round: RoundReport) {
  const names = wanted.map(({ name }) => name).sort(compareBytes)
  const found = { files: wanted.length, bytes: sumOfSizes(wanted), first: names[0], last: names.at(-1) }
  return { ...found, ...round, foreign, outside, skipped }
}
