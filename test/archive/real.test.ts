import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createDictionary } from '../../src/archive/dictionary.ts'
import { compareNames, nameParser } from '../../src/archive/names.ts'
import { createScanner, type KernelName } from '../../src/archive/scan.ts'
import { allShards } from '../../src/archive/shards.ts'
import { collect, pieces, together } from './support.ts'

const folder = join(import.meta.dirname, '../../../shared/data/archive-cloudwatch')
const isMissing = !existsSync(folder)
if (isMissing && process.env.CI) throw new Error(`real archive not found: ${folder}`)
if (isMissing) console.warn(`SKIPPED: real archive not found: ${folder}`)

describe.skipIf(isMissing)('a real archive', () => {
  const names = isMissing ? [] : readdirSync(folder)

  async function read(kernel: KernelName) {
    const scanner = createScanner({ kernel, dictionary: createDictionary({ shards: allShards }) })
    const parse = nameParser()
    const files = names.map((name) => parse(name) ?? expect.fail(name)).sort(compareNames)
    const batches = []
    for (const { name } of files) {
      batches.push(...(await collect(scanner.scan(name, pieces(gunzipSync(readFileSync(join(folder, name))))))))
    }
    return together(batches)
  }

  it('is read alike by both kernels, without a reject', async () => {
    const fast = await read('fast')
    expect(fast.counts).toMatchObject({ lines: 41_716, rejectedLines: 0, outOfShard: 0 })
    expect(fast.counts.notNumeric).toBeGreaterThan(0)
    expect(fast.counts.metrics).toBe(fast.counts.points + fast.counts.notNumeric)
    expect(new Set(fast.points.map((point) => point.series)).size).toBe(10)
    expect(isDeepStrictEqual(fast, await read('general'))).toBe(true)
  })
})
