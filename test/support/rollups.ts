import { rollupDefaults } from '../../src/backfill/defaults.ts'
import type { RollupOptions, RunEffects } from '../../src/backfill/options.ts'
import { noProgress } from '../../src/backfill/progress.ts'
import type { RunSummary } from '../../src/backfill/report.ts'
import { rollUpArchive } from '../../src/backfill/run.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { kernel } from './kernels.ts'

/** What a run in the test's own thread is to do; the rest is as the command line has it by default. */
export type RollupCase = Pick<RollupOptions, 'from' | 'to'> & Partial<RollupOptions>

const defaults = { ...rollupDefaults, kernel, batchSize: 1, allowEmpty: true }

/** Rolls an archive up in the calling thread. */
export const rollUp = (options: RollupCase, effects: Partial<RunEffects> = {}): Promise<RunSummary> =>
  rollUpArchive(
    { ...defaults, ...options },
    { signal: new AbortController().signal, progress: noProgress, files: nodeFiles, now: Date.now, ...effects },
  )
