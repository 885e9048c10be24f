import { expect, it } from 'vitest'
import { createDraft, finish } from '../../src/archive/batch.ts'
import { createAccount } from '../../src/backfill/account.ts'
import type { KeptReject } from '../../src/backfill/rejects.ts'

const many = 200_000
const file = { name: 'archive', time: 0, chunk: 0, size: 1, etag: 'e' }

it('keeps however many rejects of a batch, and of a line', () => {
  const draft = createDraft(0, { lines: 1, values: many })
  const names = Array.from({ length: many }, (_, i) => `m${i}`)
  draft.columns.line.fill(1)
  for (const metric of names) draft.rejects.push({ line: 1, metric, reason: 'unknown metric type', text: 'x' })
  const batch = finish(Object.assign(draft, { length: 1, values: many }), file.name, [{ prefix: 'p.', names }])
  const rejects: KeptReject[] = []
  const account = createAccount({ file, isNew: true, late: { kind: 'drop' }, doneBefore: [], rejects })
  const merged = { rolled: 0, late: many, unresolved: many, outOfRange: 0, elsewhere: 0 }
  account.add(batch, { ...merged, lateLines: [0], unresolvedLines: [0] })
  for (const reason of ['unknown metric type', 'late', 'unresolved'])
    expect(rejects.filter((reject) => reject.reason === reason)).toHaveLength(many)
})
