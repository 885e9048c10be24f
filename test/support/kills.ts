import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { generator } from '../../examples/archive.js'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'
import { always, hour, minute } from '../../src/time/range.ts'
import { startSignalFlow } from '../fakes/signalflow.ts'
import { startCli } from './cli.ts'
import { type Row, rowsOf, sorted } from './rows.ts'

/** Somewhere that points go and nobody else writes. */
export interface KillTarget {
  readonly to: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const start = Date.UTC(2026, 0, 1)
const days = 10
const kills = process.env.TORTURE ? 25 : 5
/** Milliseconds for one store. */
export const killTimeout = process.env.TORTURE ? 3_600_000 : 300_000
const zones = ['a', 'b']
const series = zones.map((AZ, s) => ({
  metric: 'm',
  dimensions: { AZ },
  points: Array.from({ length: 4 * days }, (_, i): [number, number] => [start + i * 6 * hour + s * minute, i / 8 - s]),
}))

/**
 * Backfills into new targets, killed at random moments and started again, until there were enough kills: each target ends with every
 * point once.
 * @param nameOf what the store calls the series of a zone
 */
export async function surviveKills(
  makeTarget: () => Promise<KillTarget>,
  { root, nameOf }: { root: string; nameOf: (zone: string) => string },
): Promise<void> {
  const server = await startSignalFlow({ token: 't', series, latency: 20 })
  const seed = Date.now()
  const random = generator(seed)
  const expected = sorted(
    series.flatMap(({ dimensions, points }) => points.map((point): Row => [nameOf(dimensions.AZ), ...point])),
  )
  const run = ({ to, args, env }: KillTarget, cwd: string) =>
    startCli(
      [
        ...['backfill', '--from=signalfx', '-o', `endpoint=${server.url}`, 'by=AZ', '--start-time=2026-01-01'],
        ...['--end-time=2026-01-11', '--quiet', '--concurrency=2', '--to', to, ...args],
      ],
      { env: { SIGNALFX_API_TOKEN: 't', ...env }, cwd },
    )
  const finish = async (target: KillTarget, cwd: string) => {
    const { code, stderr } = await run(target, cwd).result
    expect({ code, stderr }, `seed ${seed}`).toMatchObject({ code: 0 })
    expect(await rowsIn(target), `seed ${seed}`).toEqual(expected)
  }

  try {
    const startedAt = Date.now()
    await finish(await makeTarget(), mkdtempSync(join(root, 'case-')))
    const duration = Date.now() - startedAt
    for (let killed = 0; killed < kills; ) {
      const target = await makeTarget()
      const cwd = mkdtempSync(join(root, 'case-'))
      for (let isKilled = true; isKilled && killed < kills; ) {
        const { child, result } = run(target, cwd)
        await Promise.race([sleep(random() * duration), result])
        child.kill('SIGKILL')
        isKilled = (await result).signal === 'SIGKILL'
        if (isKilled) killed++
      }
      await finish(target, cwd)
    }
  } finally {
    await server.stop()
  }
}

/** Every row that a store holds, sorted. */
async function rowsIn({ to, env }: KillTarget): Promise<Row[]> {
  const { source } = await openSource(to, [], { env, caller: caller(), stdin: process.stdin, now: Date.now })
  const rows: Row[] = []
  for await (const batch of source.read({}, always)) rows.push(...rowsOf(batch))
  return sorted(rows.map(([text, time, value]) => [text, time, Number(value)]))
}
