import { type Caller, caller } from '../bucket/caller.ts'
import type { BackfillFlags } from './backfill-flags.ts'

/** What makes a command's requests. */
export const callerOf = ({
  retries,
  maxRequestsPerSecond,
}: Pick<BackfillFlags, 'retries' | 'maxRequestsPerSecond'>): Caller => caller({ retries, maxRequestsPerSecond })
