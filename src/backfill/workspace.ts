import { join } from 'node:path'
import { type Catalogue, openCatalogue } from '../archive/catalogue.ts'
import { idOf, keepJob } from '../store/lake/job-file.ts'
import { type Lake, openLake } from '../store/lake/lake.ts'
import { claimFolder, jobFolder, stateFolder } from '../store/lake/layout.ts'
import type { Range } from '../time/range.ts'
import type { FileSystem } from '../util/files.ts'
import { acquireLock, type Lock } from '../util/lock.ts'
import { stagingFolder } from './held.ts'
import { type Ledger, openLedger } from './ledger.ts'
import { openRejects, type Rejects } from './rejects.ts'
import { keepSuperseded } from './superseded.ts'

/** A lake, locked for one job, with the job's state. */
export interface Workspace extends AsyncDisposable {
  readonly lake: Lake
  readonly ledger: Ledger
  readonly catalogue: Catalogue
  readonly rejects: Rejects
  staging(): Promise<Lake>
  /** Rows that a store fed from the lake may still hold of earlier versions; absent where there is no such store. */
  readonly superseded?: Lake
}

export interface WorkspaceOptions {
  /** The lake's directory. */
  readonly to: string
  /** What the job is, in plain JSON; its hash is the job's name. */
  readonly description: object
  readonly existing: 'refuse' | 'replace'
  readonly takeOver: boolean
  /** What the run is asked to make; absent: whatever there is. */
  readonly range?: Range
  readonly allowShrink: boolean
  /** Whether a store is fed from the lake. */
  readonly feeds: boolean
}

export async function openWorkspace(options: WorkspaceOptions, files: FileSystem): Promise<Workspace> {
  await claimFolder(files, options.to)
  const lock = await acquireLock(join(options.to, stateFolder, 'lock'), options)
  try {
    return await openState(options, files, lock)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openState(options: WorkspaceOptions, files: FileSystem, lock: Lock): Promise<Workspace> {
  const job = idOf(options.description)
  const folder = jobFolder(options.to, job)
  const { existing, feeds, range, allowShrink } = options
  const within = allowShrink ? undefined : range
  const lake = await openLake({ path: options.to, job, existing, within, files, metadata: { 'retrofill.job': job } })
  const superseded = feeds ? await openLake({ path: join(folder, 'superseded'), job, files }) : undefined
  await keepJob(files, folder, options.description)
  const ledger = await openLedger(files, ledgerPath(folder))
  const catalogue = await openCatalogue(files, cataloguePath(folder))
  const rejects = await openRejects(files, join(folder, 'rejects.ndjson'))
  let staging: Promise<Lake> | undefined

  return {
    lake: superseded ? keepSuperseded(lake, superseded) : lake,
    superseded,
    ledger,
    catalogue,
    rejects,
    staging() {
      staging ??= openLake({ path: stagingFolder(folder), job, files })
      return staging
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([ledger.close(), catalogue.close(), rejects.close()]).finally(() => lock.release())
    },
  }
}

export const ledgerPath = (folder: string): string => join(folder, 'ledger.ndjson')
export const cataloguePath = (folder: string): string => join(folder, 'catalogue.ndjson')
