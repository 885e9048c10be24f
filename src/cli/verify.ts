import type { VerifyReport } from '../download/verify.ts'
import type { MetricsFormat } from '../metrics-file/write.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { type ArchiveFlags, archiveFlags, readArchiveRange, required } from './archive-flags.ts'
import { bucketAccess } from './bucket-flags.ts'
import { defineCommand } from './command.ts'
import { type Context, print, say } from './context.ts'
import { choice, optional, text } from './flags.ts'
import { type ShapeFlags, type SourceFlags, shapeFlags, sourceFlags } from './source-flags.ts'
import { type VerifyPoints, verifyPoints } from './verify-points.ts'

type VerifyFlags = ArchiveFlags & SourceFlags & ShapeFlags & { readonly format: MetricsFormat }

export const verifyCommand = defineCommand<VerifyFlags>({
  fullDescription:
    'With a store of points as --to, reads the source as backfill does, with its options and shaping, and compares with what the store holds, series by series. ' +
    'Else compares the archive files of a period in a bucket with those in a directory.',
  flags: {
    ...archiveFlags,
    ...sourceFlags,
    ...shapeFlags,
    from: optional(text('Bucket: s3://bucket/prefix, swift://… or a directory; or any source of points', 'url')),
    to: optional(text('Directory of the files; or a store of points', 'place')),
    format: choice('format', ['plain', 'clusterman'], 'What a metrics file looks like'),
  },
  aliases: { q: 'quiet', o: 'option' },
  async run(context, flags) {
    const points = await pointsToVerify(context, flags)
    if (points) return verifyPoints(context, points)
    const [{ openBucket }, { withDigests }, { period }, { verify }] = await Promise.all([
      import('../bucket/open.ts'),
      import('../download/digest-thread.ts'),
      import('../download/period.ts'),
      import('../download/verify.ts'),
    ])
    const { before, after, namePattern } = flags
    const access = await bucketAccess(flags, context)
    const options = {
      bucket: openBucket(required(flags.from, 'from'), access),
      directory: required(flags.to, 'to'),
      period: period({ range: await readArchiveRange(flags, context), margins: { before, after }, namePattern }),
      signal: context.signal,
    }
    const report = await withDigests((md5Of) => verify({ ...options, md5Of }))
    tell(context, report, flags.output)
    if (report.files === 0 && report.extra.length === 0) return ExitCode.nothing
    return report.same === report.files && report.extra.length === 0 ? ExitCode.ok : ExitCode.mismatch
  },
})

/** What is to be compared where `--to` is a store of points: a lake, a metrics file, or the URL of a database. */
async function pointsToVerify(context: Context, flags: VerifyFlags): Promise<VerifyPoints | undefined> {
  const { from, to } = flags
  const { namesSource, namesStore } = await import('../source/registry.ts')
  if (!from || !to) return undefined
  if (!(await namesStore(to))) {
    if (namesSource(from))
      throw usageError(`no store at ${to}`, 'name a lake, a metrics file, cassandra://… or dynamodb://…')
    return undefined
  }
  const { readRange } = await import('./source-options.ts')
  const range = await readRange(context, flags)
  return { ...flags, from, to, range, maxBytesPerSecond: flags.maxBytesPerSecond ?? flags.rateLimit }
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
