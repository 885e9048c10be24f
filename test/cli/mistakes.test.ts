import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { line } from '../archive/support.ts'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { gzip, lineAt, nameAt, writeFiles } from '../support/hand-made.ts'
import { lakeFiles, lakeRows } from '../support/lakes.ts'
import { rejectsOf, rollUp, type Setting, setUp } from './support.ts'

const root = temporaryFolder()
const [first, second] = [nameAt(1), nameAt(2)]
const good = gzip(lineAt(0), lineAt(1))

describe.concurrent('a command line', () => {
  const mistakes: [title: string, args: string[], message: RegExp][] = [
    [
      'a start after the end',
      ['--start-time=2014-02-15', '--end-time=2014-02-14'],
      /empty range: 2014-02-15T00:00:00Z\//,
    ],
    ['a start at the end', ['--start-time=2014-02-15', '--end-time=2014-02-15'], /empty range/],
    ['half a range', ['--start-time=2014-02-15'], /incomplete range: --start-time and --end-time go together/],
    ['the other half', ['--end-time=2014-02-15'], /incomplete range/],
    ['a time nobody understands', ['--start-time=someday', '--end-time=now'], /invalid time: .*someday/],
    ['a shard that is not there', ['--shards=128'], /invalid shards: .* got 128/],
    ['shards the wrong way', ['--shards=5-3'], /invalid shards/],
    ['a granularity that is none', ['--granularity=5m,often'], /invalid granularity: .* got often/],
    ['a granularity left out', ['--granularity=5m,'], /invalid granularity: .* got nothing/],
    [
      'a granularity that does not divide a day',
      ['--granularity=5m,100m'],
      /a duration that divides a day, got 100m\n/,
    ],
    ['one that 5m does not tile', ['--granularity=6m'], /invalid --granularity: expected multiples of 5m, got 6m/],
    ['one finer than 5m', ['--granularity=1m'], /invalid --granularity/],
    ['points as rollups', ['--granularity=full'], /invalid --granularity/],
    ['a duration that is none', ['--before=long'], /^error: --before: invalid duration: .* got long/],
    ['a budget that is none', ['--max-rejects=some'], /invalid error budget: .* got some/],
    ['a budget beyond everything', ['--max-rejects=101%'], /invalid error budget/],
    [
      'a number too small',
      ['--buffered-slots=0'],
      /^error: invalid --buffered-slots: expected a whole number from 1 up, got 0\n$/,
    ],
    ['a word that is none', ['--late=never'], /^error: invalid --late: expected reroll, drop, abort, got never\n$/],
    ['a kernel that is none', ['--kernel=magic'], /invalid --kernel: expected fast, general, got magic/],
    ['an unknown flag', ['--colour=red'], /^error: no flag registered for --colour/],
    [
      'a flag of two words',
      ['--start-tim=-1h'],
      /^error: no flag registered for --start-tim, did you mean --start-time\?$/m,
    ],
    ['a pattern that is none', ['--name-pattern=('], /invalid name pattern: /],
    ['a pattern without a time', ['--name-pattern=.*'], /invalid name pattern: expected a named group \(\?<ts>…\)/],
    ['late lines that are not counted', ['--max-late=5'], /--max-late is for --late abort, got --late reroll/],
    ['a time zone that no time needs', ['--timezone=Mars'], /unknown time zone: .* got Mars/],
    ['removing files without following', ['--delete-files'], /--delete-files is for --follow/],
    ['idleness without following', ['--idle-exit=10m'], /--idle-exit is for --follow/],
    ['following without a range', ['--follow'], /--follow needs --start-time and --end-time/],
    [
      'removing files that dropped points may need',
      ['--follow', '--delete-files', '--late=drop', '--start-time=2014-02-14', '--end-time=2014-02-15'],
      /--delete-files needs --late reroll, got --late drop/,
    ],
    ['an argument too many', ['extra'], /^error: too many arguments/],
  ]
  it.each(mistakes)('with a mistake ends with 2 and one message: %s', async (_, args, message) => {
    const { from, to } = setUp(root, { [first]: good })
    const { code, stdout, stderr } = await runCli(['rollup', '--from', from, '--to', to, ...args], {
      env: { RETROFILL_KERNEL: '' },
    })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^[^\n]+\n( {2}[^\n]+\n)?$/)
  })

  it('into a store that is none ends with 2', async () => {
    const { from } = setUp(root, { [first]: good })
    expect(await runCli(['rollup', '--from', from, '--to', 's3://y'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('invalid --to: expected a folder or cassandra://…, got s3://y'),
    })
  })

  it('needs --from', async () => {
    expect(await runCli(['rollup', '--to', root])).toMatchObject({ code: 2, stderr: expect.stringContaining('--from') })
  })

  it.each([
    ['is missing', ({ from }: Setting) => join(from, 'nowhere'), /^error: directory not found: /],
    ['is a file', ({ from }: Setting) => join(from, first), /^error: not a directory: /],
  ])('whose archive %s ends with 2', async (_, from, message) => {
    const setting = setUp(root, { [first]: good })
    const { code, stderr } = await rollUp({ ...setting, from: from(setting) })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('takes times that begin with a minus, apart and with an equals sign', async () => {
    const { from, to } = setUp(root, { [first]: good })
    const flags = ['rollup', '--from', from, '--to', to, '--dry-run', '--end-time', 'now']
    const runs = await Promise.all([
      runCli([...flags, '--start-time', '-12h']),
      runCli([...flags, '--start-time=-12h']),
    ])
    for (const { code, stdout } of runs) {
      expect(code).toBe(0)
      expect(stdout).toMatch(/ 1[23] to do, 0 up to date/)
    }
  })
})

describe.concurrent('an environment variable', () => {
  const run = (args: readonly string[], env: Record<string, string>) => {
    const { from, to } = setUp(root, { [first]: gzip('bad\n', lineAt(0)) })
    return runCli(['rollup', '--from', from, '--to', to, '--workers=0', ...args], { env })
  }

  it('stands for a flag', async () => {
    expect(await run([], {})).toMatchObject({ code: 3 })
    expect(await run([], { RETROFILL_MAX_REJECTS: '1' })).toMatchObject({ code: 0 })
  })

  it.each([
    [['--max-rejects', '1'], { RETROFILL_MAX_REJECTS: 'x' }],
    [['--maxRejects=1'], { RETROFILL_MAX_REJECTS: 'x' }],
    [['--max-rejects=1', '-q'], { RETROFILL_QUIET: '1' }],
    [['--max-rejects=1'], { RETROFILL_QUIET: '0' }],
  ])('gives way to the flag itself, however written: %s', async (args, env) => {
    expect(await run(args, env)).toMatchObject({ code: 0 })
  })

  it('with a mistake ends with 2', async () => {
    expect(await run([], { RETROFILL_MAX_REJECTS: 'x' })).toMatchObject({ code: 2 })
    expect(await run([], { RETROFILL_QUIET: 'x' })).toMatchObject({ code: 2, stderr: expect.stringContaining('quiet') })
  })
})

describe.concurrent('a lake path', () => {
  const laidOut = (layout: string): Setting => {
    const setting = setUp(root, { [first]: good })
    writeFiles(join(setting.to, '_retrofill'), { 'lake.json': layout })
    return setting
  }
  const everyCommand = ({ from, to }: Setting) =>
    Promise.all([
      runCli(['rollup', '--from', from, '--to', to]),
      runCli(['rollup', '--from', from, '--to', to, '--dry-run']),
      runCli(['read', to]),
      runCli(['status', to]),
    ])

  it('that is a file is refused with 2, but by read, which takes it for a metrics file', async () => {
    const { from } = setUp(root, { [first]: good, notes: good })
    const to = join(from, 'notes')
    const [rolled, dry, read, status] = await everyCommand({ from, to })
    for (const { code, stderr } of [rolled, dry, status])
      expect({ code, stderr }).toEqual({ code: 2, stderr: `error: not a directory: ${to}\n  a lake is a folder\n` })
    expect(read).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: invalid metrics file /) })
    expect(readFileSync(to)).toEqual(good)
  })

  it('that names a metrics file is refused, whether anything would be written or not', async () => {
    const { from, to } = setUp(root, { [first]: good })
    const [file, lake] = [join(to, 'x.json.gz'), join(to, 'lake')]
    const times = ['--start-time=2014-02-14', '--end-time=2014-02-15']
    await rollUp({ from, to: lake })
    for (const args of [
      ['--from', from],
      ['--from', from, '--dry-run'],
      ['--from', lake, ...times, '--granularity=60m'],
      ['--from', lake, ...times, '--granularity=60m', '--dry-run'],
    ])
      expect(await runCli(['rollup', ...args, '--to', file])).toMatchObject({
        code: 2,
        stderr: `error: not a lake: ${file} names a metrics file, expected a folder or cassandra://…\n  name it otherwise\n`,
      })
    expect(existsSync(file)).toBe(false)
  })

  it('that holds other things is refused by every command with 2', async () => {
    const { from } = setUp(root, { [first]: good })
    for (const { code, stderr } of await everyCommand({ from, to: from })) {
      expect(code).toBe(2)
      expect(stderr).toContain(`error: not a lake: ${from} holds ${first}\n`)
    }
  })

  it('of a newer layout is refused by every command with 7', async () => {
    for (const { code, stderr } of await everyCommand(laidOut('{"layout":99}'))) {
      expect(code).toBe(7)
      expect(stderr).toMatch(/^error: newer lake: .* has layout 99, this program knows up to 1\n/)
    }
  })

  it('whose layout cannot be read is a failure of one line', async () => {
    expect(await rollUp(laidOut('x'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: damaged lake'),
    })
  })

  it('that nothing can be made at is a failure of one line', async () => {
    const setting = setUp(root, { [first]: good })
    const { code, stderr } = await rollUp({ ...setting, to: '/proc/lake' })
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^(to go on: .*\n)?error: [a-z ]+: mkdir .*\n$/),
    })
  })

  it('may hold characters that shells and databases take for more', async () => {
    const setting = setUp(root, { [first]: good })
    const to = join(setting.to, `it's [a] "lake"? *`)
    expect((await rollUp({ ...setting, to })).code).toBe(0)
    expect((await runCli(['read', to, '--output=ndjson'])).stdout).toContain('"count":2')
  })
})

describe.concurrent('the error budget', () => {
  const repeated = (count: number, text: string) => gzip(...Array.from({ length: count }, () => text))

  it('in lines stops at one too many; what was rejected by then is kept, once', async () => {
    const setting = setUp(root, { [first]: repeated(5, 'bad\n'), [second]: gzip(lineAt(0)) })
    const stopped = await rollUp(setting, ['--max-rejects=4'])
    expect(stopped).toMatchObject({ code: 3, summary: undefined })
    expect(stopped.stderr).toContain('error: too many bad lines: 5 of 5; --max-rejects allows 4\n')
    expect(stopped.stderr).toContain(`look at ${setting.to}/_retrofill/`)
    expect(rejectsOf(setting.to)).toHaveLength(5)
    expect(await rollUp(setting, ['--max-rejects=5'])).toMatchObject({ code: 0, summary: { report: { points: 1 } } })
    expect(rejectsOf(setting.to)).toHaveLength(5)
  })

  it('as a share is judged at the end: everything is made, and the run ends with 3', async () => {
    const setting = setUp(root, { [first]: repeated(30, 'bad\n'), [second]: repeated(500, lineAt(0)) })
    const { code, summary } = await rollUp(setting, ['--max-rejects=5%'])
    const problems = ['too many bad lines: 30 of 530; --max-rejects allows 5%']
    expect({ code, report: summary?.report }).toMatchObject({ code: 3, report: { points: 1, problems } })
    expect((await rollUp(setting, ['--max-rejects=6%'])).code).toBe(0)
  })

  it('as a share stops a run once 1,000 lines are read', async () => {
    const files = { [first]: repeated(990, lineAt(0)), [second]: repeated(60, 'bad\n'), [nameAt(3)]: gzip(lineAt(1)) }
    const { code, summary, stderr } = await rollUp(setUp(root, files), ['--max-rejects=5%'])
    expect({ code, summary }).toEqual({ code: 3, summary: undefined })
    expect(stderr).toContain('60 of 1050')
  })

  it('counts a line once, whatever is wrong with it, and those of earlier runs too', async () => {
    const twoBad = `${line({}, { a: 1, b: 2 })}\n`
    const setting = setUp(root, { [first]: gzip(twoBad, lineAt(0)) })
    const { code, summary } = await rollUp(setting, ['--max-rejects=1'])
    expect({ code, counts: summary?.report.counts }).toMatchObject({
      code: 0,
      counts: { rejectedLines: 1, rejected: 2 },
    })
    writeFiles(setting.from, { [second]: gzip('bad\n') })
    const again = await rollUp(setting, ['--max-rejects=1'])
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('2 of 3') })
  })
})

describe.concurrent('--late abort', () => {
  /** Points of five slots, and then so many lines for the first one. */
  const archive = (late: number) => ({
    [first]: gzip(lineAt(0)),
    [nameAt(75)]: gzip(...[3_600, 3_900, 4_200, 4_500].map((at) => lineAt(at))),
    [nameAt(76)]: gzip(...Array.from({ length: late }, (_, i) => lineAt(10 + i))),
  })
  const flags = ['--late=abort', '--start-time=2014-02-14T14:00:00Z', '--end-time=2014-02-14T16:00:00Z']

  it('tolerates ten late lines, and keeps them', async () => {
    const setting = setUp(root, archive(10))
    const { code, summary } = await rollUp(setting, flags)
    expect({ code, counts: summary?.report.counts }).toMatchObject({ code: 0, counts: { late: 10, rolled: 5 } })
    expect(rejectsOf(setting.to).map(({ reason }) => reason)).toEqual(Array(10).fill('late'))
  })

  it('stops at the eleventh with 3; chunks that had closed are durable', async () => {
    const setting = setUp(root, archive(11))
    const { code, stderr } = await rollUp(setting, flags)
    expect(code).toBe(3)
    expect(stderr).toContain(`too many late lines: 11 so far, the last in ${nameAt(76)}; --max-late tolerates 10`)
    expect(lakeFiles(setting.to)).toEqual([expect.stringMatching(/^5m\/date=2014-02-14\/14\./)])
    expect(rejectsOf(setting.to)).toHaveLength(11)
  })

  it('makes what had closed durable, even where the file that stops it had closed it', async () => {
    const later = [3_600, 3_900, 4_200, 4_500].map((at) => lineAt(at))
    const late = Array.from({ length: 11 }, (_, i) => lineAt(10 + i))
    const setting = setUp(root, { [first]: gzip(lineAt(0)), [nameAt(76)]: gzip(...later, ...late) })
    expect(await rollUp(setting, flags)).toMatchObject({ code: 3 })
    expect(lakeFiles(setting.to)).toEqual([expect.stringMatching(/^5m\/date=2014-02-14\/14\./)])
  })
})

describe.concurrent('a series that another job holds', () => {
  it('is refused with 7, and taken over with --existing replace', async () => {
    const setting = setUp(root, { [first]: gzip(lineAt(0, 1), lineAt(90, 1, { tenantId: 'other' })) })
    await rollUp(setting)
    const before = await lakeRows(setting.to)
    const rival = { ...setting, from: setUp(root, { [first]: gzip(lineAt(5, 99)) }).from }
    const { code, stderr } = await rollUp(rival)
    expect(code).toBe(7)
    expect(stderr).toContain('series already held by another job: t.rackspace')
    expect(await lakeRows(setting.to)).toEqual(before)
    expect((await rollUp(rival, ['--existing=replace'])).code).toBe(0)
    const { stdout } = await runCli(['read', setting.to, '--output=csv'])
    const found = stdout.trim().split('\n').slice(1)
    expect(found.map((row) => row.split(',').slice(2, 4))).toEqual([
      ['1', '1'],
      ['1', '99'],
    ])
  })
})

it('a bucket that does not answer is told in one line, with 1', async () => {
  const to = join(root, 'unreached')
  const times = ['--start-time=2014-02-14', '--end-time=2014-02-15']
  const env = { ST_AUTH: 'http://127.0.0.1:1/auth/v1.0', ST_USER: 'user', ST_KEY: 'key' }
  const { code, stderr } = await runCli(['rollup', '--from=swift:///c', `--to=${to}`, '--retries=0', ...times], { env })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      'error: connection to 127.0.0.1:1 failed: connect ECONNREFUSED 127.0.0.1:1\n  it went on failing: run the command again later\n',
  })
})
