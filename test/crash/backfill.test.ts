import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hour, minute } from '../../src/time/range.ts'
import { type FakeSignalFlow, startSignalFlow } from '../fakes/signalflow.ts'
import { storedRows } from '../support/backfills.ts'
import { startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { sorted } from '../support/rows.ts'

const root = temporaryFolder()
const start = Date.UTC(2026, 0, 1)
const hours = 20 * 24
const kills = process.env.TORTURE ? 25 : 5
const series = ['a', 'b'].map((AZ, s) => ({
  metric: 'm',
  dimensions: { AZ },
  points: Array.from({ length: hours }, (_, i): [number, number] => [start + i * hour + s * minute, i / 8 - s]),
}))
const rows = series.flatMap(({ dimensions: { AZ }, points }) =>
  points.map(([time, value]) => [`m|AZ=${AZ}`, time, value] as const),
)

let server: FakeSignalFlow
beforeAll(async () => {
  server = await startSignalFlow({ token: 't', series, latency: 20 })
})
afterAll(() => server.stop())

describe('a backfill that is killed again and again', () => {
  it.each(['lake', 'metrics.json.gz'])('ends with every point once: %s', async (name) => {
    const to = join(mkdtempSync(join(root, 'case-')), name)
    const times = ['--start-time=2026-01-01', '--end-time=2026-01-21']
    const args = [
      'backfill',
      '--from=signalfx',
      '-o',
      `endpoint=${server.url}`,
      'by=AZ',
      ...times,
      '--quiet',
      '--to',
      to,
    ]
    const run = () => startCli([...args, '--metric', 'm', '--concurrency=2'], { env: { SIGNALFX_API_TOKEN: 't' } })
    let killed = 0
    for (let i = 0; i < kills; i++) {
      const { child, result } = run()
      await sleep(600 + ((i * 733) % 2_400))
      child.kill('SIGKILL')
      if ((await result).signal === 'SIGKILL') killed++
    }
    expect(killed).toBeGreaterThan(0)
    const { code, stderr } = await run().result
    expect({ code, stderr: stderr.replace(/^state in .*\n/, '') }).toEqual({ code: 0, stderr: '' })
    expect(await storedRows(to)).toEqual(sorted(rows))
  })
})
