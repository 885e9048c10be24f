import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  directoryBucket,
  download,
  md5OfFile,
  nodeFiles,
  noProgress,
  openForReading,
  period,
  readStatus,
  rollUpArchive,
  rollupDefaults,
  systemClock,
} from '../src/index.ts'
import { temporaryFolder } from './support/folders.ts'
import { gzip, lineAt, nameAt, writeFiles } from './support/hand-made.ts'

const root = temporaryFolder()
const hour = { start: Date.parse('2014-02-14T14:00:00Z'), end: Date.parse('2014-02-14T15:00:00Z') }

describe('what the package exports', () => {
  it('is enough to fetch an archive, to roll it up and to see what was done', async () => {
    const [archive, from, to] = ['archive', 'in', 'lake'].map((name) => join(root, name))
    writeFiles(archive, { [nameAt(1)]: gzip(lineAt(0), lineAt(1)) })
    const bucket = directoryBucket(archive)
    const silent = { progress: noProgress, notify() {} }
    const wanted = { bucket, directory: from, period: period({ range: hour }), batchSize: 5, retries: 8 }
    expect(await download({ ...wanted, ...silent, md5Of: md5OfFile, clock: systemClock })).toMatchObject({
      complete: true,
    })
    const { signal } = new AbortController()
    const effects = { signal, progress: noProgress, files: nodeFiles, now: systemClock.now }
    expect(await rollUpArchive({ ...rollupDefaults, range: hour, from, to }, effects)).toMatchObject({ exitCode: 0 })
    expect(await readStatus(nodeFiles, to)).toMatchObject([{ source: from, levels: [{ chunks: 1, points: 2 }] }])
    expect(await openForReading(to)).toHaveProperty('read')
  })
})
