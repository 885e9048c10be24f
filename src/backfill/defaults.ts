import { defaultMargins } from '../archive/names.ts'
import { allShards } from '../archive/shards.ts'
import { min5 } from '../time/granularity.ts'
import { defaultBudget } from './budget.ts'
import type { RollupOptions } from './options.ts'

/** What `rollUpArchive` may be told where nothing else is meant, as the command line has it, in the calling thread. */
export const rollupDefaults: Omit<RollupOptions, 'from' | 'to'> = {
  granularities: [min5],
  shards: allShards,
  margins: defaultMargins,
  late: { kind: 'reroll' },
  bufferedSlots: 3,
  mean: 'exact',
  budget: defaultBudget,
  verify: 'checksum',
  kernel: 'fast',
  workers: 0,
  batchSize: 8,
  allowEmpty: false,
  allowShrink: false,
  partialSlots: false,
  existing: 'refuse',
  takeOver: false,
}
