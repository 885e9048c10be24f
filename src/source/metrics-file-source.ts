import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type MetricsFileStoreOptions, metricsFileStore } from '../store/metrics-file.ts'
import type { Source } from './source.ts'
import { storeSource } from './store.ts'

/** A metrics file, of any generation, as a source of points. */
export const metricsFileSource = (path: string, options?: MetricsFileStoreOptions): Source => ({
  ...storeSource(metricsFileStore(path, options)),
  async inputs() {
    const { size, mtimeMs } = await stat(resolve(path))
    return `${size} ${mtimeMs}`
  },
})
