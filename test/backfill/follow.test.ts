import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { writeComplete } from '../../src/archive/complete.ts'
import { defaultMargins, nameParser } from '../../src/archive/names.ts'
import type { RunEffects } from '../../src/backfill/options.ts'
import { hour, minute } from '../../src/time/range.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, lineAt, nameAt, start, writeFiles } from '../support/hand-made.ts'
import { lakeRows } from '../support/lakes.ts'
import { type RollupCase, rollUp } from '../support/rollups.ts'

const root = temporaryFolder()
const folder = () => mkdtempSync(join(root, 'case-'))
const range = { start, end: start + 4 * hour }
const margins = defaultMargins
/** Points of the archive come up to an hour late. */
const wide = { before: 15 * minute, after: 75 * minute }

const archive = folder()
makeArchive({ directory: archive, start, files: 4 * 60 + 70, checks: 4, delayed: 0.02, repeated: 0.01, shuffled: 0.05 })
const names = readdirSync(archive).sort()
const timeOf = (name: string) => nameParser()(name)?.time ?? 0

/** Real waits between, so that what goes on for ever does not stop the test's own clock. */
const breathe = () => new Promise((resolve) => setImmediate(resolve))

/** A directory that is filled a few files at a time whenever its reader waits; at last it says that all have been there. */
function filling(order: readonly string[], { step = 7 }: { step?: number } = {}) {
  const directory = folder()
  let next = 0
  const sleep: RunEffects['sleep'] = async () => {
    for (const name of order.slice(next, next + step)) copyFileSync(join(archive, name), join(directory, name))
    next += step
    if (next >= order.length) await writeComplete(nodeFiles, directory, { range, margins: wide, names: order })
  }
  return { directory, sleep }
}

const present = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.gz'))
    .sort()

const rowsAtOnce = async (from: string) => {
  const to = join(folder(), 'lake')
  await rollUp({ from, to, range, margins: wide })
  return lakeRows(to)
}
const expected = await rowsAtOnce(archive)

const followed = (options: Partial<RollupCase> & { from: string; to: string }, effects: Partial<RunEffects>) =>
  rollUp(
    { range, follow: { deleteFiles: false }, ...options },
    { ...effects, sleep: async (ms, signal) => void (await Promise.all([effects.sleep?.(ms, signal), breathe()])) },
  )

/** Names in another order, each not far from its place. */
const jumbled = names.map((name, i) => ({ name, at: i + ((i * 7919) % 13) })).sort((a, b) => a.at - b.at)

describe('a rollup that follows a directory', () => {
  for (const deleteFiles of [false, true])
    it(`holds the rows of all files at once when it ends, files ${deleteFiles ? 'removed' : 'kept'}`, async () => {
      const { directory, sleep } = filling(jumbled.map(({ name }) => name))
      const to = join(folder(), 'lake')
      const { exitCode, report } = await followed(
        { from: directory, to, margins: wide, follow: { deleteFiles } },
        { sleep },
      )
      expect(exitCode).toBe(0)
      expect(await lakeRows(to)).toEqual(expected)
      const last = Math.max(...names.map(timeOf))
      const kept = deleteFiles ? present(directory) : names
      expect(present(directory)).toEqual(kept)
      if (!deleteFiles) return
      // Files of the last hour stay: nothing is named later than its end and the margin.
      expect(report.files.removed).toBe(names.length - kept.length)
      expect(report.files.removed).toBeGreaterThan(150)
      expect(kept.every((name) => timeOf(name) > last - wide.after - 2 * hour)).toBe(true)
    })

  it('goes on where it was stopped, with the files that are left', async () => {
    const { directory, sleep } = filling(names, { step: 10 })
    const to = join(folder(), 'lake')
    const follow = { deleteFiles: true }
    for (let stop = 3; stop < 30; stop += 4) {
      const stopped = new AbortController()
      let waits = 0
      const counted: RunEffects['sleep'] = async (ms, signal) => {
        await sleep(ms, signal)
        if (++waits === stop) stopped.abort(new Error('stopped'))
      }
      const run = followed({ from: directory, to, margins: wide, follow }, { sleep: counted, signal: stopped.signal })
      const end = await run.catch((error: Error) => error.message)
      if (end !== 'stopped') break
    }
    expect(await followed({ from: directory, to, margins: wide, follow }, { sleep })).toMatchObject({ exitCode: 0 })
    expect(await lakeRows(to)).toEqual(expected)
    // An ordinary run finds nothing to do, though files are gone.
    const { report } = await rollUp({ from: directory, to, range, margins: wide })
    expect(report.chunks).toMatchObject({ made: 0, madeAgain: 0 })
  })

  it('commits an hour as soon as a whole file is named later than its end and the margin after it', async () => {
    const directory = folder()
    writeFiles(directory, { [nameAt(1)]: gzip(lineAt(0)), [nameAt(91)]: gzip(lineAt(0, 2)) })
    const to = join(folder(), 'lake')
    const seen: string[][] = []
    const stopped = new AbortController()
    const sleep = async () => {
      seen.push(Object.keys(await lakeRows(to)))
      stopped.abort(new Error('seen'))
    }
    await expect(followed({ from: directory, to }, { sleep, signal: stopped.signal })).rejects.toThrow('seen')
    expect(seen).toEqual([['5m/date=2014-02-14/14']])
  })

  it('ends after --idle-exit without a new file', async () => {
    const directory = folder()
    writeFiles(directory, { [nameAt(1)]: gzip(lineAt(0)) })
    let now = start
    const sleep = async (ms: number) => {
      now += ms
    }
    const effects = { now: () => now, sleep }
    const follow = { deleteFiles: false, idleExit: 10 * minute }
    const { exitCode, report } = await followed({ from: directory, to: join(folder(), 'lake'), follow }, effects)
    expect({ exitCode, points: report.points, waited: now - start >= 10 * minute }).toEqual({
      exitCode: 0,
      points: 1,
      waited: true,
    })
  })

  it('does not take the word of a directory for whole that speaks of other files, or of a shorter range', async () => {
    for (const [said, of] of [
      [range, [nameAt(1), nameAt(2)]],
      [{ start, end: start + hour }, [nameAt(1)]],
    ] as const) {
      const directory = folder()
      writeFiles(directory, { [nameAt(1)]: gzip(lineAt(0)) })
      await writeComplete(nodeFiles, directory, { range: said, margins, names: of })
      let waits = 0
      const sleep = async () => {
        if (++waits === 5) await writeComplete(nodeFiles, directory, { range, margins, names: [nameAt(1)] })
      }
      await followed({ from: directory, to: join(folder(), 'lake') }, { sleep })
      expect(waits).toBe(5)
    }
  })

  it('reads a file again that was not whole yet', async () => {
    const directory = folder()
    const whole = readFileSync(join(archive, names[3]))
    copyFileSync(join(archive, names[3]), join(directory, names[3]))
    truncateSync(join(directory, names[3]), whole.length >> 1)
    const to = join(folder(), 'lake')
    let waits = 0
    const sleep = async () => {
      if (++waits !== 3) return
      writeFileSync(join(directory, names[3]), whole)
      await writeComplete(nodeFiles, directory, { range, margins, names: [names[3]] })
    }
    expect(await followed({ from: directory, to }, { sleep })).toMatchObject({ exitCode: 0 })
    const alone = folder()
    writeFileSync(join(alone, names[3]), whole)
    expect(await lakeRows(to)).toEqual(await rowsAtOnce(alone))
  })
})

describe('with files removed', () => {
  it('keeps a point in the rejects file that comes after the files of its hour have gone, and ends with 3', async () => {
    const directory = folder()
    const to = join(folder(), 'lake')
    writeFiles(directory, {
      [nameAt(1)]: gzip(lineAt(0, 1), lineAt(60, 2)),
      [nameAt(95)]: gzip(lineAt(94 * 60, 3)),
    })
    let waits = 0
    const sleep = async () => {
      waits++
      if (waits === 1) {
        expect(present(directory)).toEqual([nameAt(95)])
        writeFiles(directory, { [nameAt(96)]: gzip(lineAt(30, 4), lineAt(95 * 60, 5)) })
      } else if (waits === 2) {
        const of = [nameAt(1), nameAt(95), nameAt(96)]
        await writeComplete(nodeFiles, directory, { range, margins, names: of })
      }
    }
    const follow = { deleteFiles: true }
    const { exitCode, report, rejectsFile } = await followed({ from: directory, to, follow }, { sleep })
    expect({ exitCode, points: report.points, refused: report.refused }).toEqual({
      exitCode: 3,
      points: 4,
      refused: [],
    })
    expect(report.problems.join()).toContain('1 points came after files of their hours had been removed')
    const rejects = readFileSync(rejectsFile, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(rejects).toEqual([expect.objectContaining({ file: nameAt(96), line: 1, reason: 'unresolved' })])
    // The next run says it as well, and makes nothing again.
    const again = await rollUp({ from: directory, to, range })
    expect(again).toMatchObject({ exitCode: 3, report: { chunks: { made: 0, madeAgain: 0 } } })
  })

  it('makes a stale hour again before any of its files goes', async () => {
    const directory = folder()
    const to = join(folder(), 'lake')
    const lines = (from: number) => gzip(...Array.from({ length: 5 }, (_, i) => lineAt((from + 5 * i) * 60)))
    // Four later slots have closed the first one, the margin of the hour is not over: the late point is no loss.
    writeFiles(directory, { [nameAt(1)]: gzip(lineAt(0)), [nameAt(80)]: lines(60) })
    let waits = 0
    const sleep = async () => {
      waits++
      if (waits === 1) writeFiles(directory, { [nameAt(85)]: gzip(lineAt(30, 4)) })
      if (waits === 2) writeFiles(directory, { [nameAt(95)]: gzip(lineAt(94 * 60)) })
      if (waits === 3) {
        expect(present(directory)).toEqual([nameAt(80), nameAt(95)])
        const of = [1, 80, 85, 95].map(nameAt)
        await writeComplete(nodeFiles, directory, { range, margins, names: of })
      }
    }
    const { exitCode, report } = await followed({ from: directory, to, follow: { deleteFiles: true } }, { sleep })
    expect({ exitCode, points: report.points }).toEqual({ exitCode: 0, points: 8 })
  })

  it('waits for a file that it has not read yet, though an earlier run has read later ones', async () => {
    const directory = folder()
    const to = join(folder(), 'lake')
    const copy = (name: string) => copyFileSync(join(archive, name), join(directory, name))
    const missed = names[150]
    for (const name of names) if (name !== missed) copy(name)
    await rollUp({ from: directory, to, range, margins: wide })
    // All hours are to be made once more, and the files are too many to be read before some may go.
    rmSync(join(to, '5m'), { recursive: true })
    copy(missed)
    await writeComplete(nodeFiles, directory, { range, margins: wide, names })
    const run = { from: directory, to, margins: wide, follow: { deleteFiles: true } }
    expect(await followed(run, {})).toMatchObject({ exitCode: 0 })
    expect(await lakeRows(to)).toEqual(expected)
  })

  it('keeps files that a download has not come up to, whatever lies there already', async () => {
    const directory = folder()
    writeFiles(directory, {
      [nameAt(1)]: gzip(lineAt(0)),
      [nameAt(95)]: gzip(lineAt(94 * 60)),
      '.last_marker': nameAt(1),
    })
    const seen: string[][] = []
    const sleep = async () => {
      seen.push(present(directory))
      writeFiles(directory, { '.last_marker': nameAt(95), [nameAt(96)]: gzip(lineAt(95 * 60)) })
      await writeComplete(nodeFiles, directory, { range, margins, names: [nameAt(1), nameAt(95), nameAt(96)] })
    }
    await followed({ from: directory, to: join(folder(), 'lake'), follow: { deleteFiles: true } }, { sleep })
    expect(seen[0]).toEqual([nameAt(1), nameAt(95)])
    expect(present(directory)).toEqual([nameAt(95), nameAt(96)])
  })

  it('keeps all files of a download that has no marker, since it lacks the first one', async () => {
    const directory = folder()
    writeFiles(directory, {
      [nameAt(2)]: gzip(lineAt(60)),
      [nameAt(95)]: gzip(lineAt(94 * 60)),
      '.download.ndjson': '',
    })
    const seen: string[][] = []
    const sleep = async () => {
      seen.push(present(directory))
      writeFiles(directory, { [nameAt(1)]: gzip(lineAt(0)), '.last_marker': nameAt(95) })
      await writeComplete(nodeFiles, directory, { range, margins, names: [nameAt(1), nameAt(2), nameAt(95)] })
    }
    const run = { from: directory, to: join(folder(), 'lake'), follow: { deleteFiles: true } }
    expect(await followed(run, { sleep })).toMatchObject({ exitCode: 0, report: { points: 3 } })
    expect(seen[0]).toEqual([nameAt(2), nameAt(95)])
    expect(present(directory)).toEqual([nameAt(95)])
  })

  it('keeps files of its own pattern of names after the marker of a download', async () => {
    const directory = folder()
    const own = (minutes: number) => `raw-${start + minutes * minute}.gz`
    writeFiles(directory, {
      [own(1)]: gzip(lineAt(0)),
      [own(95)]: gzip(lineAt(94 * 60)),
      '.last_marker': own(1),
      '.download.ndjson': '',
    })
    const seen: string[][] = []
    const sleep = async () => {
      seen.push(present(directory))
      writeFiles(directory, { [own(2)]: gzip(lineAt(30, 4)), '.last_marker': own(95) })
      await writeComplete(nodeFiles, directory, { range, margins, names: [1, 2, 95].map(own) })
    }
    const namePattern = String.raw`raw-(?<ts>\d+)\.gz`
    const run = { from: directory, to: join(folder(), 'lake'), namePattern, follow: { deleteFiles: true } }
    expect(await followed(run, { sleep })).toMatchObject({ exitCode: 0, report: { points: 3 } })
    expect(seen[0]).toEqual([own(1), own(95)])
    expect(present(directory)).toEqual([own(95)])
  })

  it('keeps all files of a download whose marker has no name of an archive file', async () => {
    const directory = folder()
    writeFiles(directory, {
      [nameAt(2)]: gzip(lineAt(60)),
      [nameAt(95)]: gzip(lineAt(94 * 60)),
      '.last_marker': '20140214',
      '.download.ndjson': '',
    })
    const run = { from: directory, to: join(folder(), 'lake'), follow: { deleteFiles: true, idleExit: 1 } }
    expect(await followed(run, {})).toMatchObject({ report: { files: { removed: 0 } } })
    expect(present(directory)).toEqual([nameAt(2), nameAt(95)])
  })

  it('takes no file for read that came while others were', async () => {
    const directory = folder()
    writeFiles(directory, {
      [nameAt(1)]: gzip(lineAt(0)),
      [nameAt(95)]: gzip(lineAt(94 * 60)),
      '.last_marker': nameAt(1),
    })
    // Whenever it asks how far the download is, that comes to its end.
    const arrive = () => writeFiles(directory, { [nameAt(2)]: gzip(lineAt(30, 4)), '.last_marker': nameAt(95) })
    const read: typeof nodeFiles.read = async (path) => {
      if (path.endsWith('.last_marker') && !present(directory).includes(nameAt(2))) arrive()
      return nodeFiles.read(path)
    }
    const sleep = () => writeComplete(nodeFiles, directory, { range, margins, names: [1, 2, 95].map(nameAt) })
    const run = { from: directory, to: join(folder(), 'lake'), follow: { deleteFiles: true } }
    const { exitCode, report } = await followed(run, { sleep, files: { ...nodeFiles, read } })
    expect({ exitCode, points: report.points, problems: report.problems }).toEqual({
      exitCode: 0,
      points: 3,
      problems: [],
    })
  })
})
