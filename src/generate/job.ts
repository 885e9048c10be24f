import { resolve } from 'node:path'
import type { Seed } from '../random/seed.ts'
import { idOf } from '../store/lake/job-file.ts'

/** Everything that changes what a generator makes. */
export interface GenerateJob {
  /** The design's path. */
  readonly input: string
  /** The design itself: with another text it is another job, whose metrics need consent to replace those of the first. */
  readonly text: string
  readonly seed: Seed
  readonly compat: boolean
  readonly timezone: string
}

/** Raised when the same design and seed would give other points than before. */
const semantics = 2

/** What a job is, in plain JSON, as `job.json` keeps it. A text and an integer of the same digits are two seeds. */
export function describeJob({ input, text, seed, compat, timezone }: GenerateJob) {
  const source = resolve(input)
  return { kind: 'generate', source, text, seed: [typeof seed, String(seed)], compat, timezone, semantics }
}

/** The job's name in files. */
export const jobId = (job: GenerateJob): string => idOf(describeJob(job))
