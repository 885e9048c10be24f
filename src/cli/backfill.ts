import type { BackfillEffects, BackfillOptions } from '../backfill/query/options.ts'
import { hull, type Range } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { type BackfillFlags, backfillFlags, impliedRefresh } from './backfill-flags.ts'
import { defineCommand } from './command.ts'
import { confirm } from './confirm.ts'
import { type Context, print, say } from './context.ts'
import { showShare } from './share-progress.ts'

export const backfillCommand = defineCommand<BackfillFlags>({
  fullDescription:
    'Reads points from a source (SignalFx, a lake, a metrics file, standard input …) and keeps them in a lake, a metrics file or a database, rolled up on the way if asked to. ' +
    'What is done is not read again; what failed is named and tried again by the same command.',
  flags: backfillFlags,
  aliases: { o: 'option', q: 'quiet', y: 'yes' },
  synonyms: { src: 'from', 'dest-file': 'to', 'rate-limit': 'max-bytes-per-second' },
  implied: { refresh: impliedRefresh },
  async run(context, flags) {
    const { readBackfillOptions } = await import('./backfill-options.ts')
    return await runWith(context, await readBackfillOptions(context, flags), flags)
  },
})

async function runWith(context: Context, options: BackfillOptions, flags: BackfillFlags): Promise<ExitCode> {
  await using _store = options.to.kind === 'lake' ? undefined : options.to.store
  return flags.dryRun ? await runDry(context, options, flags) : await runBackfill(context, options, flags)
}

async function runBackfill(context: Context, options: BackfillOptions, flags: BackfillFlags): Promise<ExitCode> {
  const [
    { backfill },
    { formatSummary },
    { nodeFiles },
    { noProgress },
    { resumable },
    { resumeCommand, withRefresh },
  ] = await Promise.all([
    import('../backfill/query/run.ts'),
    import('./backfill-report.ts'),
    import('../util/files.ts'),
    import('../backfill/progress.ts'),
    import('./resumable.ts'),
    import('./resume.ts'),
  ])
  const progress = showShare(context, { quiet: flags.quiet, of: 'rows' })
  const argv = withoutSecrets(context.process.argv, options.from.secrets)
  let range: Range | undefined
  let left: Range | undefined
  const command = () => resumeCommand(left && options.refresh ? withRefresh(argv, left) : argv, range)
  const effects: BackfillEffects = {
    signal: context.signal,
    now: context.now,
    files: nodeFiles,
    progress: { ...noProgress, advance: ({ rows = 0 }) => progress.count(rows) },
    confirm: (question) => confirm(context, question),
    onStart(start) {
      range = start.range
      if (options.to.kind !== 'lake') say(context, `state in ${start.state}`)
    },
    onStretch: progress.share,
  }
  return resumable(context, { rangeOf: () => range, command }, async () => {
    const summary = await backfill(options, effects).finally(() => progress.end())
    print(context, flags.output === 'json' ? JSON.stringify(summary) : formatSummary(summary))
    if (summary.exitCode === ExitCode.incomplete) left = hull(summary.report.failed.map((failure) => failure.range))
    return summary.exitCode
  })
}

async function runDry(context: Context, options: BackfillOptions, flags: BackfillFlags): Promise<ExitCode> {
  const [{ planBackfill }, { formatPlan }, { priceTable, withPrices }] = await Promise.all([
    import('../backfill/query/dry-run.ts'),
    import('./backfill-plan.ts'),
    import('../source/prices.ts'),
  ])
  const prices = withPrices(priceTable, flags.price ?? [])
  const plan = await planBackfill(options, context.now(), { pace: flags, prices, signal: context.signal })
  print(context, flags.output === 'json' ? JSON.stringify(plan) : formatPlan(plan))
  return ExitCode.ok
}

/** A command line with the values of secret options blotted out. */
export const withoutSecrets = (argv: readonly string[], secrets: readonly string[]): string[] =>
  argv.map((word) => {
    const name = secrets.find((secret) => new RegExp(`^((-o|--option)=?)?\\s*${secret}\\s*=`).test(word))
    return name === undefined ? word : word.replace(new RegExp(`${name}\\s*=.*$`, 's'), `${name}=***`)
  })
