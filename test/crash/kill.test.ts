import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { generator, makeArchive } from '../../examples/archive.js'
import { readStatus } from '../../src/backfill/status.ts'
import { formatTime, hour } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeRows, leftovers } from '../support/lakes.ts'

const root = temporaryFolder()
const from = join(root, 'archive')
const start = Date.UTC(2014, 1, 14, 10)
const kills = process.env.TORTURE === undefined ? 25 : 500
/** Of the kills so many must come between the first and the last commit. */
const share = 15 / 25

beforeAll(() => {
  makeArchive({ directory: from, start, files: 1_440, checks: 1, delayed: 0.004, repeated: 0.02 })
  // Many chunks of few files: it is the commits that are to be interrupted.
  for (const [i, name] of readdirSync(from).sort().entries()) if (i % 3 > 0) rmSync(join(from, name))
})

const rollup = (to: string) => [
  ...['rollup', '--from', from, '--to', to, '--granularity=5m,60m', '--workers=1', '--quiet'],
  ...[`--start-time=${formatTime(start)}`, `--end-time=${formatTime(start + 24 * hour)}`],
]

/** All that may be told of a lake. */
const everythingOf = async (lake: string) => ({ rows: await lakeRows(lake), status: await readStatus(nodeFiles, lake) })

/** How many chunks are recorded as done. */
const commitsIn = async (lake: string): Promise<number> =>
  existsSync(lake)
    ? (await readStatus(nodeFiles, lake)).flatMap(({ levels }) => levels).reduce((sum, { chunks }) => sum + chunks, 0)
    : 0

it(
  'a run that is killed at random moments and started again comes to the same rows and the same account',
  async () => {
    const undisturbed = join(root, 'undisturbed')
    const startedAt = Date.now()
    expect(await runCli(rollup(undisturbed))).toMatchObject({ code: 0 })
    const duration = Date.now() - startedAt
    const expected = await everythingOf(undisturbed)
    const commits = await commitsIn(undisturbed)
    const nextMoment = spreadEvenly(generator(startedAt)())
    const moments: { commits: number }[] = []

    for (let lake = 0; moments.length < kills; lake++) {
      const to = join(root, `lake-${lake}`)
      while (moments.length < kills && (await killAfter(nextMoment() * duration, to))) {
        moments.push({ commits: await commitsIn(to) })
      }
      expect(await runCli(rollup(to))).toMatchObject({ code: 0 })
      expect(await everythingOf(to)).toEqual(expected)
      expect(leftovers(to)).toEqual([])
      expect(readdirSync(join(to, '_retrofill')).filter((name) => name.startsWith('lock'))).toEqual([])
    }
    const between = moments.filter((moment) => moment.commits > 0 && moment.commits < commits).length
    console.log(
      `${moments.length} kills in runs of ${duration} ms, ${between} of them between the first and the last commit`,
    )
    expect(between).toBeGreaterThanOrEqual(kills * share)
  },
  process.env.TORTURE === undefined ? 300_000 : 7_200_000,
)

/** Numbers in [0, 1) from a random first one on, however many of which are spread evenly: each is the golden ratio after the last. */
function spreadEvenly(first: number): () => number {
  let last = first
  return () => {
    last = (last + (Math.sqrt(5) - 1) / 2) % 1
    return last
  }
}

/** Starts a run and kills it; whether it was still running. */
async function killAfter(ms: number, to: string): Promise<boolean> {
  const { child, result } = startCli(rollup(to))
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const { code, signal, stderr } = await result
  clearTimeout(timer)
  if (signal === null) expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return signal === 'SIGKILL'
}

it('the account of a lake adds up: every metric is in one class', async () => {
  const [{ counts, levels }] = await readStatus(nodeFiles, join(root, 'undisturbed'))
  const [{ points, duplicates }] = levels.filter(({ granularity }) => granularity === '5m')
  expect(counts.late).toBe(0)
  expect(points + duplicates + counts.notNumeric + counts.outOfShard + counts.rejected).toBe(counts.metrics)
})
