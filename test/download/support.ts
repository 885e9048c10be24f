import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll } from 'vitest'
import { openBucket } from '../../src/bucket/open.ts'
import { md5OfFile } from '../../src/download/digest.ts'
import type { DownloadOptions } from '../../src/download/options.ts'
import { period } from '../../src/download/period.ts'
import { hour, minute } from '../../src/time/range.ts'
import { systemClock } from '../../src/util/clock.ts'
import { md5 } from '../fakes/swift.ts'

export const start = Date.UTC(2014, 1, 26, 12)

/** The name of the archive file of so many ms after the start. */
export function nameAt(offset: number, chunk?: number): string {
  const date = new Date(start + offset).toISOString().slice(0, 10).replaceAll('-', '')
  return `${date}_${start + offset}${chunk === undefined ? '' : `_${chunk}`}.json.gz`
}

/** A file a minute from `from` to `to` minutes after the start. */
export const namesBetween = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => nameAt((from + i) * minute))

/** A gzip of about `size` bytes, always the same for a name. */
export function contentOf(name: string, size = 200): Buffer {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 1)
  const noise = Buffer.alloc(size)
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    noise[i] = state >>> 24
  }
  return gzipSync(noise, { level: 1 })
}

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

/** An empty directory that lives as long as the test file. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'retrofill-download-'))
  folders.push(folder)
  return folder
}

/** A directory with files of these names, as a bucket. */
export async function folderWith(names: readonly string[]) {
  const source = await emptyFolder()
  await Promise.all(names.map((name) => writeFile(join(source, name), contentOf(name))))
  return { source, bucket: openBucket(source), directory: await emptyFolder() }
}

/** A clock on which pauses are short. */
export const hasty = (factor = 50) => ({
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / factor, signal),
})

export type TestOptions = Partial<DownloadOptions> & Pick<DownloadOptions, 'bucket' | 'directory'>

/** Options of a download of one hour. */
export const optionsOf = (options: TestOptions): DownloadOptions => ({
  period: period({ range: { start, end: start + hour } }),
  batchSize: 5,
  retries: 5,
  md5Of: md5OfFile,
  clock: hasty(),
  notify: () => undefined,
  progress: { expect: () => undefined, advance: () => undefined },
  ...options,
})

/** The archive files of a directory and their digests. */
export async function digestsOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, md5(await readFile(join(folder, name)))])),
  )
}

/** Names of our own that tell of unfinished work. */
export const leftOvers = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /\.(part|tmp|lock)/.test(name))

export const readComplete = async (directory: string) =>
  JSON.parse(await readFile(join(directory, '.complete.json'), 'utf8').catch(() => 'null'))
