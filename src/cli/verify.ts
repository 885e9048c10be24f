import type { VerifyReport } from '../download/verify.ts'
import { requireInstants } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { type ArchiveFlags, archiveFlags, readRange, required } from './archive-flags.ts'
import { bucketAccess } from './bucket-flags.ts'
import { defineCommand } from './command.ts'
import { type Context, print, say } from './context.ts'
import { parseTimes } from './values.ts'
import { type VerifyPoints, verifyPoints } from './verify-points.ts'

export const verifyCommand = defineCommand<ArchiveFlags>({
  flags: archiveFlags,
  aliases: { q: 'quiet', o: 'output' },
  async run(context, flags) {
    const [{ openBucket }, { withDigests }, { period }, { verify }] = await Promise.all([
      import('../bucket/open.ts'),
      import('../download/digest-thread.ts'),
      import('../download/period.ts'),
      import('../download/verify.ts'),
    ])
    const points = await pointsToVerify(context, flags)
    if (points) return verifyPoints(context, points)
    const { before, after, namePattern } = flags
    const access = await bucketAccess(flags, context)
    const options = {
      bucket: openBucket(required(flags.from, 'from'), access),
      directory: required(flags.to, 'to'),
      period: period({ range: await readRange(flags, context), margins: { before, after }, namePattern }),
      signal: context.signal,
    }
    const report = await withDigests((md5Of) => verify({ ...options, md5Of }))
    tell(context, report, flags.output)
    if (report.files === 0 && report.extra.length === 0) return ExitCode.nothing
    return report.same === report.files && report.extra.length === 0 ? ExitCode.ok : ExitCode.mismatch
  },
})

/** What is to be compared where both sides are stores of points: a lake, a metrics file, or the URL of a database. */
async function pointsToVerify(context: Context, flags: ArchiveFlags): Promise<VerifyPoints | undefined> {
  const { from, to, output } = flags
  const { namesStore } = await import('../source/registry.ts')
  if (!from || !to || !(await namesStore(from)) || !(await namesStore(to))) return undefined
  const { start, end } = await parseTimes(flags, context)
  const range = start === undefined || end === undefined ? undefined : requireInstants({ start, end })
  return { from, to, range, output }
}

function tell(context: Context, report: VerifyReport, output: ArchiveFlags['output']): void {
  const { files, same, withoutDigest, missing, extra, different } = report
  if (output === 'json') {
    print(context, JSON.stringify(report))
    return
  }
  for (const name of missing) print(context, `missing    ${name}`)
  for (const name of extra) print(context, `extra      ${name}`)
  for (const { name, what } of different) print(context, `different  ${name} (${what})`)
  print(
    context,
    `${same} of ${files} files are the same, ${missing.length} missing, ${different.length} different, ${extra.length} extra`,
  )
  if (withoutDigest > 0)
    say(context, `of ${withoutDigest} files no digest is known: their sizes are right and they unpack`)
}
