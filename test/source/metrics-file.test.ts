import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { metricsFileSource } from '../../src/source/metrics-file-source.ts'
import type { Query } from '../../src/source/source.ts'
import { sourceContract } from '../contract/source.ts'
import { temporaryFolder } from '../support/folders.ts'

const directory = temporaryFolder()
const at = Date.UTC(2017, 11, 1, 8)
const iso = (seconds: number) => new Date(at + seconds * 1_000).toISOString()

function source(content: object) {
  const path = join(directory, 'metrics.json.gz')
  writeFileSync(path, gzipSync(JSON.stringify(content)))
  return metricsFileSource(path)
}

async function rows(content: object, query: Query = {}, range = { start: 0, end: 4e12 }) {
  const out: [string, number, number][] = []
  for await (const batch of source(content).read(query, range)) {
    for (let i = 0; i < batch.length; i++)
      out.push([batch.dictionary[batch.series[i]], (batch.time[i] - at) / 1_000, batch.value[i]])
  }
  return out
}

const content = {
  metadata: {
    'c|pool=p': [
      [iso(0), { x: 1, y: 2 }],
      [iso(60), { y: 3 }],
      [iso(120), {}],
    ],
  },
  app_metrics: {
    runs: [
      [iso(0), 1],
      [iso(30), 2],
    ],
  },
  flat: [[iso(10), 5]],
}

sourceContract('a metrics file', { order: 'series', series: ['m1', 'm2', 'n'] }, async (rows) => {
  const points: Record<string, [string, unknown][]> = {}
  for (const [series, time, value] of rows)
    points[series] = [...(points[series] ?? []), [new Date(time).toISOString(), value]]
  return source(points)
})

describe('metricsFileSource', () => {
  it('gives the keys of a multi-valued metric one after the other', async () => {
    expect(await rows(content)).toEqual([
      ['c|@key=x,@type=metadata,pool=p', 0, 1],
      ['c|@key=y,@type=metadata,pool=p', 0, 2],
      ['c|@key=y,@type=metadata,pool=p', 60, 3],
      ['c|@key=,@type=metadata,pool=p', 120, Number.NaN],
      ['runs|@type=app_metrics', 0, 1],
      ['runs|@type=app_metrics', 30, 2],
      ['flat', 10, 5],
    ])
  })

  it('takes the range half-open', async () => {
    const read = await rows(content, {}, { start: at + 10_000, end: at + 60_000 })
    expect(read).toEqual([
      ['runs|@type=app_metrics', 30, 2],
      ['flat', 10, 5],
    ])
  })

  it('selects series by glob and by name', async () => {
    expect((await rows(content, { glob: 'c|@key=y*' })).map(([, time]) => time)).toEqual([0, 60])
    expect(await rows(content, { names: ['flat', 'c|@key=x,@type=metadata,pool=p'] })).toEqual([
      ['c|@key=x,@type=metadata,pool=p', 0, 1],
      ['flat', 10, 5],
    ])
    expect(await rows(content, { glob: '?lat', names: ['runs|@type=app_metrics'] })).toEqual([])
  })

  it('refuses a metric that goes back in time', async () => {
    await expect(
      rows({
        m: [
          [iso(10), 1],
          [iso(10), 2],
          [iso(9), 3],
        ],
      }),
    ).rejects.toThrow('m goes back in time')
  })
})
