import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const folder = temporaryFolder()
const points = (value: number) =>
  Array.from({ length: 12 }, (_, i) =>
    JSON.stringify({ series: 'x', time: `2026-01-01T00:${`${5 * i}`.padStart(2, '0')}:00Z`, value }),
  ).join('\n')

describe('a rollup of the points of a lake', () => {
  it('makes again levels that it does not ask for now, where the points are others', async () => {
    const [source, lake] = [join(folder, 'points'), join(folder, 'rollups')]
    const fill = (value: number) =>
      runCli(['backfill', '--from', '-', '--to', source, '--quiet'], { stdin: points(value) })
    const rollUp = (granularity: string) =>
      runCli([
        ...['rollup', '--from', source, '--to', lake, '--granularity', granularity, '--quiet'],
        ...['--start-time', '2026-01-01', '--end-time', '2026-01-01T01:00'],
      ])
    const sums = async (granularity: string) => {
      const { stdout } = await runCli(['read', lake, '--granularity', granularity, '--output', 'ndjson'])
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).sum)
    }
    expect(await fill(1)).toMatchObject({ code: 0 })
    expect(await rollUp('5m,60m')).toMatchObject({ code: 0 })
    expect(await fill(7)).toMatchObject({ code: 0 })
    expect(await rollUp('5m')).toMatchObject({ code: 0 })
    expect(await sums('5m')).toEqual(Array(12).fill(7))
    expect(await sums('60m')).toEqual([84])
  })

  it('names the level that it would make the levels of, where there is none', async () => {
    const source = join(folder, 'bare')
    await runCli(['backfill', '--from', '-', '--to', source, '--quiet'], { stdin: points(1) })
    const args = ['--granularity', '60m', '--start-time', '2026-01-01', '--end-time', '2026-01-01T01:00']
    expect(await runCli(['rollup', '--from', source, '--to', join(folder, 'none'), ...args])).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('no 20m rows, which are rolled up: check --granularity, --from and the times'),
    })
  })
})
