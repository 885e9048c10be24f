import type { RollupOptions } from '../backfill/options.ts'
import { rollUpArchive } from '../backfill/run.ts'
import type { ArchiveReader } from '../source/archive/reader.ts'
import { covers, formatRange, type Range } from '../time/range.ts'
import type { ExitCode } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import { type Context, print, say } from './context.ts'
import { showProgress } from './progress.ts'
import { resumable } from './resumable.ts'
import type { RollupFlags } from './rollup-options.ts'
import { formatSummary } from './rollup-report.ts'

export interface RunFlags extends Pick<RollupFlags, 'quiet' | 'output'> {
  /** Told which slots the run is about, before it begins. */
  announce?(slots: Range): void
}

/** A run whose reader is being opened. */
export interface ArchiveRun {
  readonly options: RollupOptions
  readonly flags: RunFlags
  readonly reader: Promise<ArchiveReader>
}

/** Rolls an archive up, and reports. */
export function runArchive(context: Context, { options, flags, reader }: ArchiveRun): Promise<ExitCode> {
  const progress = showProgress(context, flags)
  let range: Range | undefined
  const effects = {
    signal: context.signal,
    now: context.now,
    files: nodeFiles,
    reader,
    progress,
    notify: (message: string) => say(context, message),
    onStart(start: { range: Range; slots: Range }) {
      range = start.range
      if (!covers(range, start.slots)) say(context, `range widened to whole slots: ${formatRange(start.slots)}`)
      flags.announce?.(start.slots)
    },
  }
  const run = async () => {
    const summary = await rollUpArchive(options, effects).finally(() => progress.end())
    print(context, flags.output === 'json' ? JSON.stringify(summary) : formatSummary(summary))
    return summary.exitCode
  }
  return resumable(context, { rangeOf: () => range }, run)
}
