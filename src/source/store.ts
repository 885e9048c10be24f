import type { PointBatch } from '../metric/points.ts'
import type { Store } from '../store/store.ts'
import { full } from '../time/granularity.ts'
import type { Source } from './source.ts'

/** The points of a store as a source. */
export const storeSource = (store: Pick<Store, 'read' | 'normalise'>): Source => ({
  order: 'series',
  read: (query, range, options) =>
    store.read({ ...query, granularity: full }, range, options) as AsyncIterable<PointBatch>,
  normalise: (points) => (store.normalise?.(points, full) as PointBatch | undefined) ?? points,
})
