import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import type { KernelName } from '../../src/archive/scan.ts'
import { rollUpBySql, type SqlRollup } from '../support/archive-sql.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeRows, queryDuckDB } from '../support/lakes.ts'
import { sharedData } from '../support/shared.ts'

const minute = 60_000
const folder = temporaryFolder()

interface LakeRow extends Omit<SqlRollup, 'size' | 'magnitude' | 'copies'> {
  readonly mean: number
}

const readLake = async (lake: string, granularity: string): Promise<LakeRow[]> =>
  (await queryDuckDB(`
    SELECT series, epoch_ms(time)::DOUBLE AS time, count::DOUBLE AS count, sum, mean, variance, min, max
    FROM read_parquet('${lake}/${granularity}/*/*.parquet', hive_partitioning = false) ORDER BY series, time`)) as unknown as LakeRow[]

/** Tolerances: count, min and max exactly; |Δsum| ≤ 1e-12·Σ|x|; |Δvariance| ≤ 1e-12·(variance + mean²). */
function differences(lake: readonly LakeRow[], sql: readonly SqlRollup[]): string[] {
  if (lake.length !== sql.length) return [`${lake.length} rows, expected ${sql.length}`]
  return sql.flatMap((expected, i) => {
    const row = lake[i]
    const near = (a: number, b: number, tolerance: number) => Object.is(a, b) || Math.abs(a - b) <= tolerance
    const mean = expected.sum / expected.count
    const isEqual =
      row.series === expected.series &&
      row.time === expected.time &&
      row.count === expected.count &&
      near(row.min, expected.min, 0) &&
      near(row.max, expected.max, 0) &&
      near(row.sum, expected.sum, 1e-12 * expected.magnitude) &&
      near(row.mean, mean, 1e-12 * (expected.magnitude / expected.count)) &&
      near(row.variance, expected.variance, 1e-12 * (expected.variance + mean * mean))
    return isEqual ? [] : [`${JSON.stringify(row)} ≠ ${JSON.stringify(expected)}`]
  })
}

const levels = [
  ['5m', 5 * minute],
  ['60m', 60 * minute],
  ['1440m', 1440 * minute],
] as const

async function rollUp(archive: string, lake: string, kernel: KernelName): Promise<void> {
  const flags = ['--granularity=5m,60m,1440m', `--kernel=${kernel}`, '--quiet', '--output=json']
  const { code, stderr } = await runCli(['rollup', '--from', archive, '--to', lake, ...flags])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}

/** Rolls an archive up by either kernel: both give the same bits, and SQL the same values. */
async function expectSameAsSql(archive: string, lake: string): Promise<void> {
  await Promise.all([rollUp(archive, lake, 'fast'), rollUp(archive, `${lake}-general`, 'general')])
  expect(await lakeRows(`${lake}-general`)).toEqual(await lakeRows(lake))
  const sizes = levels.map(([, size]) => size)
  const bySql = await rollUpBySql(archive, sizes)
  for (const [granularity, size] of levels) {
    const [rows, expected] = [await readLake(lake, granularity), bySql.filter((row) => row.size === size)]
    expect(expected.length).toBeGreaterThan(0)
    expect(differences(rows, expected).slice(0, 3), granularity).toEqual([])
  }
}

describe('an archive rolled up by either kernel equals one SQL query in DuckDB over its raw files', () => {
  it('with duplicates, lines out of order and delayed up to an hour, and several files a minute', async () => {
    const archive = join(folder, 'messy')
    makeArchive({
      directory: archive,
      seed: 7,
      files: 100,
      checks: 18,
      chunks: 3,
      delayed: 0.05,
      repeated: 0.05,
      shuffled: 0.3,
    })
    await expectSameAsSql(archive, join(folder, 'messy-lake'))
  }, 120_000)

  it('with negative and huge values, integers at and beyond 2^53, text and NaN', async () => {
    const archive = join(folder, 'odd')
    makeArchive({ directory: archive, seed: 8, files: 40, checks: 18, delayed: 0.02, odd: true })
    await expectSameAsSql(archive, join(folder, 'odd-lake'))
  }, 120_000)

  const real = sharedData('archive-cloudwatch')
  it.skipIf(!real)(
    'of real CloudWatch values in the production layout',
    async () => {
      await expectSameAsSql(real ?? '', join(folder, 'real-lake'))
    },
    240_000,
  )
})
