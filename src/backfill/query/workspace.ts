import { join } from 'node:path'
import { lockMetricsFile } from '../../metrics-file/lock.ts'
import { keepJob } from '../../store/lake/job-file.ts'
import { type Lake, type LakeOptions, openLake } from '../../store/lake/lake.ts'
import { claimFolder, jobFolder, stateFolder } from '../../store/lake/layout.ts'
import type { FileSystem } from '../../util/files.ts'
import { acquireLock, type Lock } from '../../util/lock.ts'
import { stagingFolder } from '../held.ts'
import { type Ledger, openLedger } from '../ledger.ts'
import { keepSuperseded } from '../superseded.ts'
import { ledgerPath } from '../workspace.ts'
import { describeJob, jobId } from './job.ts'
import type { BackfillOptions } from './options.ts'

/** A lake, locked for one job, with the job's state. */
export interface Workspace extends AsyncDisposable {
  readonly lake: Lake
  readonly ledger: Ledger
  /** Folder for what does not outlive the run. */
  readonly temporary: string
  staging(): Promise<Lake>
  /** Rows that a store fed from the lake may still hold of earlier versions; absent where there is no such store. */
  readonly superseded?: Lake
}

/** The lake that points land in: the user's, or the staging lake that another store is fed from. */
export const landingLake = (options: BackfillOptions): string =>
  options.to.kind === 'lake' ? options.to.path : join(options.to.state, jobId(options))

/** A lake and a metrics file have one writer; another store may be fed by several jobs at once. */
const lockTarget = (options: BackfillOptions): Promise<Lock> =>
  options.to.kind === 'file'
    ? lockMetricsFile(options.to.path, options)
    : acquireLock(join(landingLake(options), stateFolder, 'lock'), options)

export async function openWorkspace(options: BackfillOptions, files: FileSystem): Promise<Workspace> {
  const root = landingLake(options)
  await claimFolder(files, root)
  const lock = await lockTarget(options)
  try {
    return await openState(options, files, { root, lock })
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openState(
  options: BackfillOptions,
  files: FileSystem,
  { root, lock }: { root: string; lock: Lock },
): Promise<Workspace> {
  const job = jobId(options)
  const folder = jobFolder(root, job)
  const [existing, within] = [policyOf(options), options.allowShrink ? undefined : options.range]
  const lake = await openLake({ path: root, job, existing, within, files, metadata: { 'retrofill.job': job } })
  const superseded =
    options.to.kind === 'lake' ? undefined : await openLake({ path: join(folder, 'superseded'), job, files })
  await keepJob(files, folder, describeJob(options))
  const ledger = await openLedger(files, ledgerPath(folder))
  let staging: Promise<Lake> | undefined
  return {
    lake: superseded ? keepSuperseded(lake, superseded) : lake,
    superseded,
    ledger,
    temporary: join(folder, 'tmp'),
    staging() {
      staging ??= openLake({ path: stagingFolder(folder), job, files })
      return staging
    },
    async [Symbol.asyncDispose]() {
      await ledger.close().finally(() => lock.release())
    },
  }
}

/** What becomes of series that another job holds where this one lands: who wants what is missing does not want to lose any. */
function policyOf({ to, existing, onlyMissing, allowShrink }: BackfillOptions): LakeOptions['existing'] {
  if (to.kind !== 'lake') return 'replace'
  if (existing === 'refuse') return 'refuse'
  return onlyMissing && !allowShrink ? 'fill' : 'replace'
}
