import type { LakeVerification } from '../backfill/context.ts'
import type { Existing } from '../backfill/push.ts'
import type { MeanMode } from '../rollup/mean-mode.ts'
import { requireLakeName } from '../store/open.ts'
import { usageError } from '../util/errors.ts'
import type { CassandraFlags } from './cassandra-flags.ts'
import { localPath } from './values.ts'

/** Flags that say where a run writes. */
export type TargetFlags = CassandraFlags & {
  readonly to: string
  readonly stateDir: string
  readonly existing?: 'refuse' | Existing
  readonly mean?: 'exact' | 'blueflood'
  readonly compat?: 'blueflood'
  readonly verify?: LakeVerification
}

/** The choices whose defaults depend on where a run writes. */
export const lakeDefaults = (flags: TargetFlags) => {
  const target = 'a folder or cassandra://…'
  const { existing = 'refuse', verify = 'checksum' } = flags
  requireLakeName(localPath('to', flags.to, target), target)
  if (existing !== 'refuse' && existing !== 'replace')
    throw usageError(`--existing ${existing} is for Cassandra: a lake takes refuse or replace`)
  return { existing, mean: meanOf(flags, 'exact'), verify }
}

export function meanOf({ mean, compat }: TargetFlags, byDefault: MeanMode): MeanMode {
  if (mean === 'exact' && compat === 'blueflood') throw usageError('--compat blueflood contradicts --mean exact')
  return mean ?? compat ?? byDefault
}
