import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseShards, shardOf } from '../../src/archive/shards.ts'
import { directoryBucket } from '../../src/bucket/directory.ts'
import { type ArchiveSourceOptions, archiveSource } from '../../src/source/archive/source.ts'
import type { Query } from '../../src/source/source.ts'
import { minute } from '../../src/time/range.ts'
import { line, metric } from '../archive/support.ts'
import { sourceContract } from '../contract/source.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Content, gzip, nameAt, start, writeFiles } from '../support/hand-made.ts'
import { kernel } from '../support/kernels.ts'
import { type Row, rowsOf } from '../support/rows.ts'

const root = temporaryFolder()
const locator = 't.rackspace.monitoring.entities.en.checks.agent.cpu.ch.'

function archive(files: Readonly<Record<string, Content>>, options: Partial<ArchiveSourceOptions> = {}) {
  const directory = mkdtempSync(join(root, 'case-'))
  writeFiles(directory, files)
  return archiveSource({ bucket: directoryBucket(directory), kernel, ...options })
}

const lineOf = ([series, timestamp, value]: Row): string =>
  `${line({ timestamp }, { [series.slice(locator.length)]: metric({ valueDbl: value }) })}\n`

const series = [`${locator}m1`, `${locator}m2`, `${locator}n`] as const
sourceContract('an archive', { order: 'arrival', series }, async (rows) => {
  const files = new Map<string, string[]>()
  for (const row of rows) {
    const name = nameAt(1 + Math.floor((row[1] - start) / minute))
    files.set(name, [...(files.get(name) ?? []), lineOf(row)])
  }
  return archive(Object.fromEntries([...files].map(([name, lines]) => [name, gzip(...lines)])))
})

describe('an archive as a source', () => {
  const at = (second: number, value: number, name = 'm'): string =>
    lineOf([locator + name, start + second * 1_000, value])
  const hour = { start, end: start + 60 * minute }
  const values = async (source: ReturnType<typeof archive>, query: Query = {}, range = hour) => {
    const found: unknown[] = []
    for await (const batch of source.read(query, range)) found.push(...rowsOf(batch).map(([, , value]) => value))
    return found
  }

  it('follows the times of names, then lines, whatever the times of points', async () => {
    const source = archive({ [nameAt(9)]: gzip(at(3, 3), at(1, 4)), [nameAt(2)]: gzip(at(7, 1), at(0, 2)) })
    expect(await values(source)).toEqual([1, 2, 3, 4])
  })

  it('looks only at files whose names lie near the range', async () => {
    const late = nameAt(91)
    expect(await values(archive({ [nameAt(90)]: gzip(at(0, 1)), [late]: gzip(at(0, 2)) }))).toEqual([1])
    const margins = { before: 0, after: 31 * minute }
    expect(await values(archive({ [late]: gzip(at(0, 2)) }, { margins }))).toEqual([2])
  })

  it('takes the shards and names that it is told to', async () => {
    const shard = shardOf(`${locator}m`)
    const files = { [`raw-${start}`]: gzip(at(0, 1, 'm'), at(0, 2, 'other')) }
    const namePattern = String.raw`raw-(?<ts>\d+)`
    expect(await values(archive(files, { namePattern, shards: parseShards(String(shard)) }))).toEqual([1])
  })

  it('tells what each file has come to', async () => {
    const told: unknown[] = []
    const source = archive(
      { [nameAt(1)]: gzip('bad\n', at(0, 1)), [nameAt(2)]: gzip(at(1, 2)).subarray(0, -9) },
      {
        account: ({ name }, { lines, points }, rejects) => told.push([name, lines, points, rejects.length]),
        broken: ({ name }, reason) => told.push([name, reason]),
      },
    )
    expect(await values(source)).toEqual([1, 2])
    expect(told).toEqual([
      [nameAt(1), 2, 1, 1],
      [nameAt(2), 1, 1, 0],
      [nameAt(2), 'unexpected end of file'],
    ])
  })

  it('does not pass over a broken file unless it is told to', async () => {
    const source = archive({ [nameAt(1)]: gzip(at(0, 1)).subarray(0, -9) })
    await expect(values(source)).rejects.toThrow(`archive file not read whole: ${nameAt(1)}: unexpected end of file`)
  })
})
