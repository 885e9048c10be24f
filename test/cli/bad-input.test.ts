import { mkdirSync, symlinkSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { line, metric } from '../archive/support.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { type Content, gzip, lineAt, nameAt, start, writeFiles } from '../support/hand-made.ts'
import { lakeFiles } from '../support/lakes.ts'
import { rejectsOf, rollUp, setUp } from './support.ts'

const root = temporaryFolder()
const [first, second] = [nameAt(1), nameAt(2)]
const lines = (count: number) => Array.from({ length: count }, (_, i) => lineAt(i % 60, Math.sin(i)))
const good = gzip(...lines(40))
/** More than one read of the disk takes. */
const large = gzip(...lines(9_000).map((text) => text.replace('"target":null', `"target":"${Math.cos(text.length)}"`)))

/** The bytes with one bit flipped. */
function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] ^= 4
  return copy
}

describe.concurrent('a bad file', () => {
  const badFiles: [title: string, content: Content, broken: RegExp, lines?: number][] = [
    ['truncated gzip', good.subarray(0, -12), /unexpected end of file/],
    ['gzip cut within its header', good.subarray(0, 5), /unexpected end of file/, 0],
    ['gzip with a bit flipped in the middle', flipped(large, large.length >> 1), /incorrect|invalid/],
    ['gzip with a wrong checksum', flipped(good, good.length - 6), /incorrect data check/, 40],
    ['plain text', lines(9).join(''), /incorrect header check/, 0],
    ['an empty file', '', /empty file/, 0],
    ['garbage behind the gzip data', Buffer.concat([good, Buffer.from('garbage')]), /incorrect header check/, 40],
    ['zeros behind the gzip data', Buffer.concat([good, Buffer.alloc(9)]), /9 bytes after the end/, 40],
    ['a link that leads nowhere', (path) => symlinkSync('nowhere', path), /is not there/, 0],
    ['a link to itself', (path) => symlinkSync(path, path), /is not there/, 0],
  ]
  it.each(badFiles)('costs what lies behind the fault, and the run ends with 3: %s', async (...given) => {
    const [, content, broken, count] = given
    const setting = setUp(root, { [first]: gzip(lineAt(200)), [second]: content })
    const { code, summary } = await rollUp(setting, ['--max-rejects=100%'])
    expect(code).toBe(3)
    expect(summary?.report.broken).toEqual([{ file: second, reason: expect.stringMatching(broken) }])
    expect(summary?.report.files).toMatchObject({ selected: 2, read: 2, foreign: 0 })
    if (count !== undefined) expect(summary?.report.counts).toMatchObject({ lines: 1 + count, rolled: 1 + count })
    expect(lakeFiles(setting.to)).toHaveLength(1)
  })

  it('is told alike by worker threads', async () => {
    const setting = setUp(root, { [first]: good.subarray(0, -12), [second]: (path) => symlinkSync('nowhere', path) })
    const { code, summary } = await rollUp(setting, ['--workers=2'])
    expect({ code, broken: summary?.report.broken }).toMatchObject({
      code: 3,
      broken: [
        { file: first, reason: 'unexpected end of file' },
        { file: second, reason: expect.stringContaining('is not there') },
      ],
    })
  })

  it('is tried again by each run, and read once it is whole', async () => {
    const setting = setUp(root, { [first]: good.subarray(0, -12) })
    await rollUp(setting)
    expect(await rollUp(setting)).toMatchObject({ code: 3, summary: { report: { files: { read: 1 } } } })
    writeFiles(setting.from, { [first]: good })
    expect(await rollUp(setting)).toMatchObject({ code: 0, summary: { report: { points: 40, broken: [] } } })
  })

  it('leaves its chunks up to date while it stays as it is', async () => {
    const setting = setUp(root, { [first]: flipped(large, large.length >> 1) })
    const flags = ['--max-rejects=100%']
    expect(await rollUp(setting, flags)).toMatchObject({ code: 3, summary: { report: { chunks: { made: 1 } } } })
    const chunks = { made: 0, madeAgain: 0, upToDate: 1 }
    expect(await rollUp(setting, flags)).toMatchObject({ code: 3, summary: { report: { chunks } } })
  })

  it('is named to people, with the command that goes on', async () => {
    const { from, to } = setUp(root, { [first]: '' })
    const { stdout, stderr } = await runCli(['rollup', '--from', from, '--to', to, '--workers=0'])
    expect(stdout).toContain(`files not read whole (1):\n  ${first}: empty file\n`)
    expect(stderr).toMatch(/^incomplete; to go on: {2}retrofill rollup .* --start-time=2014-02-13T00:00:00Z --end/)
  })
})

describe.concurrent('a good file', () => {
  it.each([
    ['of two gzip members', Buffer.concat([good, gzip(lineAt(100))]), 41],
    ['whose last line has no end', gzip(lineAt(0).trimEnd()), 1],
    ['with empty lines, carriage returns and a byte order mark', gzip('\ufeff', lineAt(0), '\n \n\r\n', lineAt(1)), 2],
  ])('%s is read whole', async (_, content, count) => {
    const { code, summary } = await rollUp(setUp(root, { [first]: content }))
    expect({ code, counts: summary?.report.counts }).toMatchObject({ code: 0, counts: { lines: count, rolled: count } })
  })

  it('that holds nothing is no fault, but a run without points ends with 5', async () => {
    const setting = setUp(root, { [first]: gzip('') })
    expect(await rollUp(setting)).toMatchObject({ code: 5, summary: { report: { broken: [], files: { read: 1 } } } })
    expect((await rollUp(setting, ['--allow-empty'])).code).toBe(0)
  })
})

const withMetrics = (text: string): string =>
  `${line({ timestamp: start }, {}).replace('"metrics":{}', `"metrics":${text}`)}\n`
const number = (fields: object): string => JSON.stringify(metric(fields))

describe.concurrent('a bad line', () => {
  const badLines: [reason: string, line: string | Buffer, metric?: string][] = [
    ['invalid JSON', 'no json\n'],
    ['invalid JSON', `${lineAt(0).slice(0, -9)}\n`],
    ['invalid JSON', lineAt(0).replace('"ch"', '"c\0h"')],
    ['invalid UTF-8', Buffer.from('7b2261223a22ffc080227d0a', 'hex')],
    ['nested too deeply', `${'['.repeat(100_000)}${']'.repeat(100_000)}\n`],
    ['nested too deeply', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}\n`],
    ['not an object', '[1]\n'],
    ['repeated metric', withMetrics(`{"m":${number({})},"m":${number({})}}`)],
    ['missing tenantId', lineAt(0, 0, { tenantId: null })],
    ['invalid timestamp', lineAt(0, 0, { timestamp: 'yesterday' })],
    ['invalid timestamp', lineAt(0, 0, { timestamp: 9e15 })],
    ['invalid valueI64', withMetrics(`{"m":${number({ metricType: 108, valueI64: '9223372036854775808' })}}`), 'm'],
    ['unknown metric type', withMetrics(`{"m":${number({ metricType: 120 })}}`), 'm'],
  ]

  it('costs that line: it is counted, and kept with file, line and reason, once', async () => {
    const content = badLines.map(([, text]) => Buffer.from(text as string))
    const setting = setUp(root, {
      [first]: gzipSync(Buffer.concat([...content, Buffer.from(lineAt(0)), Buffer.from('torn')])),
      [second]: gzip('of a broken file\n', ...lines(40)).subarray(0, -12),
    })
    const { code, summary } = await rollUp(setting, ['--max-rejects=99'])
    expect({ code, counts: summary?.report.counts }).toMatchObject({
      code: 3,
      counts: { rejectedLines: badLines.length + 2, rejected: 2 },
    })
    const kept = rejectsOf(setting.to)
    expect(kept.map(({ file, line: at, reason, metric: name }) => [file, at, reason, name])).toEqual([
      ...badLines.map(([reason, , name], i) => [first, i + 1, reason, name]),
      [first, badLines.length + 2, 'invalid JSON', undefined],
      [second, 1, 'invalid JSON', undefined],
    ])
    await rollUp(setting, ['--max-rejects=99'])
    expect(rejectsOf(setting.to)).toEqual(kept)
  })

  it('of 100 MB costs no memory', async () => {
    const zeros = gzipSync(Buffer.alloc(100e6), { level: 1 })
    const setting = setUp(root, { [first]: Buffer.concat([gzip(lineAt(0)), zeros, gzip('\n', lineAt(1))]) })
    const env = { NODE_OPTIONS: '--max-old-space-size=64' }
    const { code, summary } = await rollUp(setting, ['--max-rejects=1'], { env })
    expect({ code, counts: summary?.report.counts }).toMatchObject({
      code: 0,
      counts: { lines: 3, rejectedLines: 1, rolled: 2 },
    })
    expect(rejectsOf(setting.to)).toMatchObject([{ file: first, line: 2, reason: 'line too long' }])
  })

  it('is one of more than 16 MiB, but not of just that', async () => {
    const room = 2 ** 24 - lineAt(1).trimEnd().length - '"padding":"",'.length
    const padded = (extra: number) => lineAt(1).replace('{', `{"padding":"${'x'.repeat(room + extra)}",`)
    const setting = setUp(root, { [first]: gzip(padded(0), padded(1)) })
    const { summary } = await rollUp(setting, ['--max-rejects=1'])
    expect(summary?.report.counts).toMatchObject({ lines: 2, rejectedLines: 1, rolled: 1 })
    expect(rejectsOf(setting.to)).toMatchObject([{ line: 2, reason: 'line too long' }])
  })
})

describe.concurrent('an odd value', () => {
  it('is kept as Java would read it: beyond 2^53 exactly as text, rounded as number; NaN stays', async () => {
    const int64 = (text: string) => number({ metricType: 108 }).replace('"valueI64":0', `"valueI64":${text}`)
    const members = {
      text: int64('"9007199254740993"'),
      number: int64('9007199254740993'),
      top: int64('"9223372036854775807"'),
      nan: number({}).replace('"valueDbl":0', '"valueDbl":NaN'),
    }
    const text = Object.entries(members).map(([name, value]) => `"${name}":${value}`)
    const setting = setUp(root, { [first]: gzip(withMetrics(`{${text}}`)) })
    expect((await rollUp(setting)).code).toBe(0)
    const { stdout } = await runCli(['read', setting.to, '--output=ndjson'])
    const found = [...stdout.matchAll(/ch\.(\w+)".*"sum":([^,]+),.*"max":([^}]+)}/g)]
    expect(Object.fromEntries(found.map(([, name, sum, max]) => [name, [sum, max]]))).toEqual({
      text: ['9007199254740992', '9007199254740993'],
      number: ['9007199254740992', '9007199254740992'],
      top: ['9223372036854776000', '9223372036854775807'],
      nan: ['"NaN"', '"NaN"'],
    })
  })

  it('of a field that stands twice is the last one, as JSON parsers have it', async () => {
    const twice = number({ valueDbl: 1 }).replace('}', ',"valueDbl":2}')
    const setting = setUp(root, { [first]: gzip(withMetrics(`{"m":${twice}}`)) })
    await rollUp(setting)
    expect((await runCli(['read', setting.to, '--output=ndjson'])).stdout).toContain('"sum":2,')
  })

  it('of a timestamp that is negative, in seconds or missing is out of range, and said', async () => {
    const odd = [-5, start / 1_000, null].map((timestamp) => lineAt(0, 1, { timestamp }))
    const { from, to } = setUp(root, { [first]: gzip(lineAt(0), ...odd) })
    const { code, stdout } = await runCli(['rollup', '--from', from, '--to', to, '--workers=0'])
    expect(code).toBe(0)
    expect(stdout).toContain('metrics  4 read = 1 rolled up + 3 out of range\n')
  })

  it('of a time before 1970 is rolled up, and read, where the range says so', async () => {
    const setting = setUp(root, { '19700101_0.json.gz': gzip(lineAt(0, 7, { timestamp: -60_000 })) })
    const { code } = await rollUp(setting, ['--start-time=1969-12-31T23:00:00Z', '--end-time=1970-01-01T00:00:00Z'])
    expect(code).toBe(0)
    expect((await runCli(['read', setting.to])).stdout).toContain('  1969-12-31T23:55:00Z  1  7  ')
  })
})

describe.concurrent('a name', () => {
  it('that is none of an archive file is passed over, and counted', async () => {
    const tooLarge = ['20140214_99999999999999999.json.gz', '20140214_1392386460000000.json.gz']
    const foreign = ['notes.txt', '20140214_x.json.gz', `${first}.tmp`, ...tooLarge]
    const files = Object.fromEntries(foreign.map((name) => [name, good]))
    const { code, summary } = await rollUp(setUp(root, { ...files, [first]: good }))
    expect({ code, files: summary?.report.files }).toMatchObject({
      code: 0,
      files: { read: 1, foreign: foreign.length },
    })
  })

  it('of a folder is passed over', async () => {
    const { code, summary } = await rollUp(setUp(root, { [first]: good, [second]: (path) => mkdirSync(path) }))
    expect({ code, files: summary?.report.files }).toMatchObject({ code: 0, files: { read: 1, foreign: 0 } })
  })

  it('in seconds does not make a range of decades', async () => {
    const { from, to } = setUp(root, { '20140214_1392386400.json.gz': good, [first]: good })
    const { code, stderr } = await runCli(['rollup', '--from', from, '--to', to])
    expect(code).toBe(2)
    expect(stderr).toContain(`error: file names span 44 years: 20140214_1392386400.json.gz to ${first}\n`)
  })

  it('is read by a pattern of its own', async () => {
    const setting = setUp(root, { [`raw-3-${start}.gz`]: good })
    const { code, summary } = await rollUp(setting, [String.raw`--name-pattern=raw-(?<chunk>\d+)-(?<ts>\d+)\.gz`])
    expect({ code, files: summary?.report.files }).toMatchObject({ code: 0, files: { read: 1, foreign: 0 } })
  })
})

describe.concurrent('an empty archive', () => {
  it('ends with 5, with --allow-empty with 0, and says so both times', async () => {
    const setting = setUp(root, { 'notes.txt': '' })
    const run = (...args: string[]) => runCli(['rollup', '--from', setting.from, '--to', setting.to, ...args])
    const message = `no archive files in ${setting.from}: 1 objects have other names`
    expect(await run()).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining(`error: ${message}\n`) })
    expect(await run('--allow-empty')).toMatchObject({ code: 0, stderr: expect.stringMatching(/^no archive files/) })
    expect(await rollUp(setting)).toMatchObject({ code: 5, summary: { report: { points: 0 } } })
  })

  it('of files without points says what to look at', async () => {
    const { from, to } = setUp(root, { [first]: gzip('') })
    const { stdout } = await runCli(['rollup', '--from', from, '--to', to, '--workers=0'])
    expect(stdout).toContain('\nno points: check --from and the times; ')
  })
})
