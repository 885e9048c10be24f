import { type Caller, caller } from '../bucket/caller.ts'
import type { SourceFlags } from './source-flags.ts'
import { wholeNumber } from './values.ts'

type CallerFlags = Pick<
  SourceFlags,
  'concurrency' | 'maxRequestsPerSecond' | 'maxPointsPerSecond' | 'maxBytesPerSecond'
> & {
  readonly retries: number
}

/** What makes a command's requests. */
export const callerOf = ({ concurrency, ...flags }: CallerFlags): Caller =>
  caller({ ...flags, concurrency: concurrency === 'auto' ? undefined : wholeNumber('concurrency', 1)(concurrency) })
