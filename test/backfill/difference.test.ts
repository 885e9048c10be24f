import { expect, it } from 'vitest'
import { findDifference } from '../../src/backfill/difference.ts'
import { arrangePoints } from '../../src/metric/arrange-points.ts'
import { seriesPoints } from '../../src/metric/points.ts'
import type { Store } from '../../src/store/store.ts'
import { full } from '../../src/time/granularity.ts'
import { hour } from '../../src/time/range.ts'

const range = { start: 0, end: hour }
const emptyStore: Pick<Store, 'read'> = { async *read() {} }

it('is told however many rows a store lacks', async () => {
  const points = Array.from({ length: 200_000 }, (_, time) => [time, 1] as const)
  const rows = seriesPoints(points, { input: 'test', dictionary: ['a'], id: 0 })
  const expected = { granularity: full, range, rows, gone: arrangePoints([]) }
  const { difference } = await findDifference({ store: emptyStore as Store, verify: 'full' }, expected)
  expect(difference).toBe('a at 1970-01-01T00:00:00Z is missing, and 199999 more')
})
