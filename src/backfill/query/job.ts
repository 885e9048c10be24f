import { resolve } from 'node:path'
import { idOf } from '../../store/lake/job-file.ts'
import type { BackfillOptions } from './options.ts'

/** Raised when the same source and options would give other points than before. */
const semantics = 1

/** What a job is, in plain JSON, as `job.json` keeps it. Without secrets; paths are absolute. */
export function describeJob({ from, to, metrics, shapeDescription, mean }: BackfillOptions) {
  const { kind, ...source } = from.description
  return {
    kind: 'query',
    source: kind,
    options: source,
    metrics: metrics && [...metrics].sort(),
    shape: shapeDescription,
    mean,
    // A lake holds its jobs' state, and may be moved.
    store: to.kind === 'lake' ? undefined : to.kind === 'file' ? resolve(to.path) : to.name,
    semantics,
  }
}

/** The job's name in files and folders. */
export const jobId = (options: BackfillOptions): string => idOf(describeJob(options))
