import type { RequestCounts } from '../bucket/counts.ts'
import type { DownloadReport } from '../download/download.ts'
import type { DownloadOptions } from '../download/options.ts'
import { formatTime, hour, minute, type Range } from '../time/range.ts'
import { ExitCode, UserError, usageError } from '../util/errors.ts'
import { formatBytes, parseSize } from '../util/size.ts'
import { type ArchiveFlags, archiveFlags, readArchiveRange, required } from './archive-flags.ts'
import { bucketAccess } from './bucket-flags.ts'
import { defineCommand } from './command.ts'
import { type Context, print, say } from './context.ts'
import { count, flag, optional, text } from './flags.ts'
import { plural } from './format.ts'
import { showProgress } from './progress.ts'
import { resumeCommand } from './resume.ts'
import { localPath } from './values.ts'

type DownloadFlags = ArchiveFlags & {
  readonly batchSize?: number
  readonly maxDisk?: number
  readonly maxFiles?: number
  readonly bufferedSlots?: number
  readonly listFrom?: string
  readonly listAll: boolean
  readonly trustMarker: boolean
  readonly wait: boolean
  readonly dryRun: boolean
  readonly allowEmpty: boolean
  readonly takeOver: boolean
}

const defaultBatchSize = 5
const defaultBufferedSlots = 3

export const downloadCommand = defineCommand<DownloadFlags>({
  fullDescription:
    'Fetches the archive files of a range, 15 minutes before and 30 after it included, from Cloud Files, Swift, S3 or a directory: several at ' +
    'once, each once, checked, and says when the set is whole. Run the same command again to go on after any interruption.',
  flags: {
    ...archiveFlags,
    batchSize: optional(count('batch-size', 1, `Files at once (default ${defaultBatchSize})`)),
    maxDisk: optional({
      ...text('Pause while so many bytes wait to be removed, such as 50GB', 'size'),
      parse: parseSize,
    }),
    maxFiles: optional(count('max-files', 1, 'Pause while so many files wait to be removed')),
    bufferedSlots: optional(count('buffered-slots', 0, 'Slots that the rollup keeps open (default 3)')),
    listFrom: optional(text('List only names after this one', 'name')),
    listAll: flag('List every name, whatever date it begins with'),
    trustMarker: flag('Fetch nothing up to where .last_marker stands'),
    wait: flag('Go on until no more files can come'),
    dryRun: flag('Only list'),
    allowEmpty: flag('A range without files is whole'),
    takeOver: flag('Take over the lock of a dead process on another host'),
  },
  aliases: { q: 'quiet', o: 'output' },
  async run(context, flags) {
    const { noRequests } = await import('../bucket/counts.ts')
    const range = await readArchiveRange(flags, context)
    const requests = noRequests()
    const options = await downloadOptions(context, { flags, range, requests })
    const [{ download }, { withDigests }] = await Promise.all([
      import('../download/download.ts'),
      import('../download/digest-thread.ts'),
    ])
    const progress = showProgress(context, flags)
    try {
      const fetching = withDigests((md5Of) => download({ ...options, md5Of, progress }))
      const report = await fetching.finally(() => progress.end())
      tell(context, { report, requests, range, flags })
      return exitCodeOf(report, flags)
    } catch (error) {
      sayHowToGoOn(context, range, error)
      if (context.signal.aborted) return ExitCode.interrupted
      throw error
    }
  },
})

interface Request {
  readonly flags: DownloadFlags
  readonly range: Range
  readonly requests: RequestCounts
}

async function downloadOptions(
  context: Context,
  { flags, range, requests }: Request,
): Promise<Omit<DownloadOptions, 'progress' | 'md5Of'>> {
  const [{ openBucket }, { period }, { systemClock }] = await Promise.all([
    import('../bucket/open.ts'),
    import('../download/period.ts'),
    import('../util/clock.ts'),
  ])
  if (flags.listAll && flags.listFrom !== undefined) throw usageError('--list-all and --list-from exclude each other')
  const { before, after, namePattern, maxDisk: maxBytes, maxFiles } = flags
  const bufferedSlots = flags.bufferedSlots ?? defaultBufferedSlots
  const access = await bucketAccess(flags, context)
  return {
    ...flags,
    bucket: openBucket(required(flags.from, 'from'), { ...access, counts: requests }),
    directory: localPath('to', required(flags.to, 'to'), 'a folder'),
    period: period({ range, margins: { before, after }, namePattern }),
    batchSize: flags.batchSize ?? defaultBatchSize,
    limits: { maxBytes, maxFiles },
    // The rollup removes files chunk by chunk, once the slots that it keeps open lie behind.
    readerSpan: hour + bufferedSlots * 5 * minute + before + after,
    workingDirectory: '.',
    clock: { ...systemClock, now: context.now },
    signal: context.signal,
    notify: (message) => say(context, message),
  }
}

function exitCodeOf(report: DownloadReport, { dryRun, allowEmpty }: DownloadFlags): ExitCode {
  if (report.files === 0 && !allowEmpty && !report.skipped) return ExitCode.nothing
  return dryRun || report.complete ? ExitCode.ok : ExitCode.incomplete
}

function tell(context: Context, { report, requests, range, flags }: Request & { report: DownloadReport }): void {
  const { failed, left, skipped, complete, isOver } = report
  if (flags.output === 'json')
    print(context, JSON.stringify({ ...range, ...(flags.dryRun ? planned(report) : report), requests }))
  else for (const line of summary(report, requests, flags)) print(context, line)
  for (const { name, reason } of failed) say(context, `failed: ${name}: ${reason}`)
  const missing = failed[0]?.name ?? 'what --list-from leaves out'
  if (left > 0) say(context, `no room for ${left} more files: none is removed while ${missing} is missing`)
  if (skipped)
    say(
      context,
      `left out, and not known to be there: names after ${skipped.after || 'the first'}, up to ${skipped.to}`,
    )
  if (!isOver)
    say(
      context,
      `the range and the time after it end at ${formatTime(range.end + flags.after)}: more files may come; --wait waits for them`,
    )
  if (!complete && !flags.dryRun && report.files > 0) sayHowToGoOn(context, range)
}

/** What a dry run tells: nothing has been fetched. */
const planned = ({ fetched: toFetch, fetchedBytes: toFetchBytes, ...report }: DownloadReport) => ({
  ...report,
  toFetch,
  toFetchBytes,
})

function summary(report: DownloadReport, requests: RequestCounts, { dryRun }: DownloadFlags): string[] {
  const { files, bytes, first, last, already, fetched, fetchedBytes, foreign, outside, failed, left, complete } = report
  const { connection, timeout, throttled, server } = requests.failures
  const tried = connection + timeout + throttled + server
  return [
    `files      ${files}, ${formatBytes(bytes)}`,
    ...(first === undefined ? [] : [`first      ${first}`, `last       ${last}`]),
    `there      ${already}`,
    `${dryRun ? 'to fetch' : 'fetched '}   ${fetched}, ${formatBytes(fetchedBytes)}`,
    ...(failed.length > 0 ? [`failed     ${failed.length}`] : []),
    ...(left > 0 ? [`left       ${left}`] : []),
    `passed by  ${plural(foreign, 'foreign name')}, ${plural(outside, 'file')} of other times`,
    `requests   ${plural(requests.pages, 'listing')}, ${plural(requests.gets, 'file')}, ${tried} failed and made again (${throttled} refused)`,
    ...(dryRun ? [] : [`whole      ${complete ? 'yes' : 'no'}`]),
  ]
}

function sayHowToGoOn(context: Context, range: Range, error?: unknown): void {
  if (!context.signal.aborted && error instanceof UserError && error.exitCode !== ExitCode.failed) return
  if (context.signal.aborted) say(context, 'interrupted')
  say(context, `to go on: ${resumeCommand(context.process.argv, range)}`)
}
