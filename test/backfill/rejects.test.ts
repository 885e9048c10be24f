import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type KeptReject, openRejects } from '../../src/backfill/rejects.ts'
import { min5 } from '../../src/time/granularity.ts'
import { hour } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, lineAt, nameAt, start, writeFiles } from '../support/hand-made.ts'
import { rollUp } from '../support/rollups.ts'

const root = temporaryFolder()

describe('the rejects file', () => {
  const reject = (file: string, line: number): KeptReject => ({ file, line, reason: 'invalid JSON', text: '{' })
  const path = join(root, 'rejects.ndjson')
  const kept = () =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text))

  it('forgets what was found in files that are read anew, and nothing that was added since it was opened', async () => {
    const before = await openRejects(nodeFiles, path)
    await before.add([reject('a', 1), reject('b', 1)])
    await before.close()
    const rejects = await openRejects(nodeFiles, path)
    await rejects.add([reject('c', 1)])
    await rejects.forget(new Set(['a', 'unknown']))
    await rejects.add([reject('a', 2)])
    expect(kept()).toEqual([reject('b', 1), reject('c', 1), reject('a', 2)])
    await rejects.forget(new Set(['a', 'c']))
    expect(kept()).toEqual([reject('b', 1)])
    await rejects.close()
  })
})

describe('late points that are dropped', () => {
  it('are kept as rejects, once, though the run that met them as late was not the first to read their file', async () => {
    const from = join(root, 'archive')
    const seconds = [...Array.from({ length: 24 }, (_, i) => i * 300), 65 * 60]
    writeFiles(from, { [nameAt(121)]: gzip(...seconds.map((second) => lineAt(second))) })
    const to = join(root, 'lake')
    const run = (hours: number) =>
      rollUp({ from, to, range: { start, end: start + hours * hour }, granularities: [min5], late: { kind: 'drop' } })
    await run(1)
    for (let again = 0; again < 2; again++) {
      const { rejectsFile } = await run(2)
      const texts = readFileSync(rejectsFile, 'utf8').split('\n').filter(Boolean)
      expect(texts.map((text) => JSON.parse(text))).toMatchObject([{ reason: 'late', line: 25 }])
    }
  })
})
