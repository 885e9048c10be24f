import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readLake } from '../store/lake/lake.ts'
import { requireLake } from '../store/lake/layout.ts'
import { full } from '../time/granularity.ts'
import { nodeFiles } from '../util/files.ts'
import { defineSource } from './definition.ts'
import type { Source } from './source.ts'
import { storeSource } from './store.ts'

/** The points of a lake. */
export const lakeSource = (path: string): Source => ({
  ...storeSource({ read: (query, range, options) => readLake(path, { query, range }, options) }),
  inputs: () => digestFiles(join(path, full.name)),
  async estimate(query, range) {
    const { countLake } = await import('../store/lake/query.ts')
    const { rows: points, ...rest } = await countLake(path, { query: { ...query, granularity: full }, range })
    return { points, ...rest }
  },
})

/** A digest of the names, sizes and times of the files two folders down. */
async function digestFiles(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const day of (await nodeFiles.list(folder)).sort()) {
    for (const name of (await nodeFiles.list(join(folder, day))).sort()) {
      const { size, mtimeMs } = await stat(join(folder, day, name))
      hash.update(`${day}/${name} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex').slice(0, 32)
}

export const lake = defineSource({
  brief: 'The points of a lake: --from FOLDER',
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  async open(_options, { location }) {
    await requireLake(nodeFiles, location)
    return lakeSource(location)
  },
})
