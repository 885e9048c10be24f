import { type Caller, caller } from '../bucket/caller.ts'
import type { BackfillFlags } from './backfill-flags.ts'
import { wholeNumber } from './values.ts'

type CallerFlags = Pick<
  BackfillFlags,
  'retries' | 'concurrency' | 'maxRequestsPerSecond' | 'maxPointsPerSecond' | 'maxBytesPerSecond'
>

/** What makes a command's requests. */
export const callerOf = ({ concurrency, ...flags }: CallerFlags): Caller =>
  caller({ ...flags, concurrency: concurrency === 'auto' ? undefined : wholeNumber('concurrency', 1)(concurrency) })
