import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadMetrics } from '../metrics-file/metrics.ts'
import { main, runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'
import { hasPython, python } from '../support/python.ts'
import { sharedData } from '../support/shared.ts'

const design = `app_metrics:
  runs:
    start_time: 2017-12-01T08:00:00Z
    end_time: 2017-12-01T09:00:00Z
    frequency: {distribution: expovariate, params: {lambd: 0.01}}
    values: {distribution: uniform, params: {a: 0, b: 1}}
`

let directory: string
const run = (...args: string[]) => runCli(['generate-data', ...args], { cwd: directory })
const output = () => join(directory, 'metrics.json.gz')
const text = (path = output()) => gunzipSync(readFileSync(path)).toString()

beforeEach(() => {
  directory = temporaryFolder()
  writeFileSync(join(directory, 'design.yaml'), design)
})

describe('retrofill generate-data', () => {
  it('prints the seed, writes the file, and tells what is in it', async () => {
    const { stdout, stderr, code } = await run(
      '--input',
      'design.yaml',
      '--output',
      'metrics.json.gz',
      '--seed',
      '12345',
    )
    expect(code).toBe(0)
    expect(stdout).toBe('Random Seed: 12345\n')
    expect(stderr).toMatch(/^metrics\.json\.gz: 1 metric, \d+ points, [\d,]+ bytes\n$/m)
    expect(text()).toMatch(/^\{"app_metrics": \{"runs": \[\["2017-12-01T08:00:00\+00:00", 0\.\d+\], /)
  })

  it('makes the folder of its output where it is missing', async () => {
    const { stderr, code } = await run('-i', 'design.yaml', '-o', 'new/folder/out.json.gz', '--seed', '1')
    expect(stderr).toMatch(/^new\/folder\/out\.json\.gz: 1 metric/m)
    expect(code).toBe(0)
    expect(readdirSync(join(directory, 'new/folder'))).toEqual(['out.json.gz'])
  })

  it("understands the misspelt --ouput of Clusterman's documentation, with a note", async () => {
    const { stdout, stderr, code } = await run('--input', 'design.yaml', '--ouput', 'other.json.gz', '--seed', '12345')
    expect({ stdout, code }).toEqual({ stdout: 'Random Seed: 12345\n', code: 0 })
    expect(stderr).toMatch(/^note: --ouput is understood as --output\nother\.json\.gz: /)
    expect(existsSync(join(directory, 'other.json.gz'))).toBe(true)
  })

  it.each([[[]], [['--compat', 'clusterman']]])(
    'without a seed prints one that gives the same file back: %j',
    async (flags) => {
      const first = await run('-i', 'design.yaml', ...flags, '-q')
      expect(first.stderr).toBe('')
      const seed = /^Random Seed: ((int:)?\d+)\n$/.exec(first.stdout)?.[1] ?? ''
      const again = await run('-i', 'design.yaml', '-o', 'again.json.gz', '--seed', seed, ...flags, '-q')
      expect(again.stdout).toBe(first.stdout)
      expect(readFileSync(join(directory, 'again.json.gz')).equals(readFileSync(output()))).toBe(true)
    },
  )

  it.each([
    ['5', [], '5'],
    ['str:5', [], 'str:5'],
    ['int:-5', [], '-5'],
    ['ümlaut', [], 'ümlaut'],
    ['5', ['--compat', 'clusterman'], '5'],
    ['int:5', ['--compat', 'clusterman'], 'int:5'],
    ['str:int:5', [], 'str:int:5'],
  ])('names the seed %s with %j as %s', async (seed, flags, printed) => {
    expect((await run('-i', 'design.yaml', '--seed', seed, ...flags)).stdout).toBe(`Random Seed: ${printed}\n`)
  })

  it('takes seeds from the environment', async () => {
    const { stdout } = await runCli(['generate-data', '-i', 'design.yaml'], {
      cwd: directory,
      env: { RETROFILL_SEED: '99' },
    })
    expect(stdout).toBe('Random Seed: 99\n')
  })

  it('refuses to overwrite without a terminal and without --yes, and touches nothing', async () => {
    await run('-i', 'design.yaml', '--seed', '1')
    const before = readFileSync(output())
    const { stderr, code } = await run('-i', 'design.yaml', '--seed', '2')
    expect(code).toBe(7)
    expect(stderr).toBe(
      'error: metrics.json.gz holds data for runs: nothing was written\n  agree to overwrite it with --yes\n',
    )
    expect(readFileSync(output()).equals(before)).toBe(true)
    expect(readdirSync(directory).sort()).toEqual(['design.yaml', 'metrics.json.gz'])
    expect((await run('-i', 'design.yaml', '--seed', '2', '--yes')).code).toBe(0)
    expect(readFileSync(output()).equals(before)).toBe(false)
  })

  it.skipIf(!hasPython).each([
    ['y', 0],
    ['yes', 0],
    ['n', 7],
    ['', 7],
    ['what', 7],
  ])('asks on a terminal, and %j ends with %d', async (answer, code) => {
    await run('-i', 'design.yaml', '--seed', '1')
    const before = readFileSync(output())
    const command = [process.execPath, main, 'generate-data', '-i', 'design.yaml', '--seed', '2']
    const seen = JSON.parse(python(terminal, { command, directory, answer }).toString())
    expect(seen.text).toContain('This will overwrite existing data for runs. Proceed? [y/N] ')
    expect(seen.code).toBe(code)
    expect(readFileSync(output()).equals(before)).toBe(code !== 0)
  })

  it('counts without writing on --dry-run', async () => {
    const { stdout, code } = await run('-i', 'design.yaml', '--seed', '1', '--dry-run')
    await run('-i', 'design.yaml', '--seed', '1', '-o', 'real.json.gz')
    const [, , size] = /^Random Seed: 1\n1 metric, (\d+) points, ([\d,]+) bytes\n$/.exec(stdout) ?? []
    expect(code).toBe(0)
    expect(readdirSync(directory).sort()).toEqual(['design.yaml', 'real.json.gz'])
    expect(Number(size.replaceAll(',', ''))).toBe(readFileSync(join(directory, 'real.json.gz')).length)
  })

  it('writes into a lake with --to, which read prints like the file', async () => {
    const { stderr, code } = await run('-i', 'design.yaml', '--seed', '1', '--to', 'lake')
    expect(stderr).toMatch(/^lake: 1 metric, \d+ points, [\d,]+ bytes\n$/m)
    expect(code).toBe(0)
    await run('-i', 'design.yaml', '--seed', '1', '--to', 'metrics.json.gz')
    const read = (...args: string[]) => runCli(['read', ...args, '--output', 'csv'], { cwd: directory })
    const fromLake = await read('lake', '--granularity', 'full')
    expect(fromLake.stdout).toMatch(/^series,time,value\nruns\|@type=app_metrics,2017-12-01T08:00:00Z,0\.\d+\n/)
    expect((await read('metrics.json.gz')).stdout).toBe(fromLake.stdout)
    const again = await run('-i', 'design.yaml', '--seed', '2', '--to', 'lake')
    expect(again.code).toBe(7)
    expect(again.stderr).toContain('error: lake holds data for runs: nothing was written')
    expect((await run('-i', 'design.yaml', '--seed', '2', '--to', 'lake', '--yes')).code).toBe(0)
  })

  it('prints a JSON Schema of designs', async () => {
    const { stdout, code } = await run('--print-schema')
    expect(code).toBe(0)
    expect(JSON.stringify(JSON.parse(stdout))).toContain('"const":"binomialvariate"')
  })

  it('resolves dates in --timezone and against --now', async () => {
    writeFileSync(
      join(directory, 'design.yaml'),
      'm: {start_time: yesterday, end_time: today, frequency: 12h, values: 1}',
    )
    await run('-i', 'design.yaml', '--seed', '1', '--timezone', 'Asia/Tokyo', '--now', '2020-01-02T12:00:00+09:00')
    expect((await loadMetrics(output()))['-'].m.map(([time]) => new Date(time).toISOString())).toEqual([
      '2019-12-31T15:00:00.000Z',
      '2020-01-01T03:00:00.000Z',
    ])
  })

  it.each<[string[], string]>([
    [[], '--input is missing'],
    [['-i', 'gone.yaml'], 'design file not found: gone.yaml'],
    [['-i', '.'], 'not a design file but a directory: .'],
    [['-i', 'design.yaml', '--format', 'csv'], 'csv'],
    [['-i', 'design.yaml', '--max-points', '0'], 'invalid --max-points: expected a whole number from 1 up, got 0'],
    [['-i', 'design.yaml', '--max-points', '5'], 'the design makes more than 5 points'],
    [['-i', 'design.yaml', '--seed', 'int:x'], 'invalid seed: expected an integer after int:, got x'],
    [['-i', 'design.yaml', '--timezone', 'Mars'], 'unknown time zone'],
    [['-i', 'design.yaml', '--now', 'soon'], 'cannot understand the whole of "soon"'],
    [['-i', 'design.yaml', '--sed', '1'], '--sed'],
    [['-i', 'design.yaml', '--to', 'lake', '-o', 'x.json.gz'], '--output and --to are both given'],
    [['-i', 'design.yaml', '-o', 's3://y/x.json.gz'], 'invalid --output: expected a metrics file'],
    [['-i', 'design.yaml', '--to', 's3://y'], 'unknown store: s3'],
    [['-i', 'design.yaml', '--create-schema'], '--create-schema is for cassandra://…, and --to is metrics.json.gz'],
    [['-i', 'design.yaml', '--to', 'lake', '--format', 'clusterman'], '--format clusterman is for metrics files'],
    [['-i', 'design.yaml', '--to', 'design.yaml'], 'not a directory'],
    [['-i', 'design.yaml', '--to', '.'], 'not a lake: . holds design.yaml'],
  ])('%j is a usage error that writes nothing: %s', async (flags, message) => {
    const { stderr, code } = await run(...flags)
    expect(stderr).toContain(message)
    expect(code).toBe(2)
    expect(readdirSync(directory)).toEqual(['design.yaml'])
  })

  it('takes a key that the design may draw, though it has drawn none', async () => {
    const times = 'start_time: 2017-12-01, end_time: 2017-12-02, frequency: 1d'
    const design = (key: string) =>
      `{m: {${times}, values: 1, dict_keys: [a, b]}, n: {${times}, values: {function: x, metric: m, key: ${key}}}}`
    writeFileSync(join(directory, 'design.yaml'), design('b'))
    const results = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((seed) => run('-i', 'design.yaml', '--seed', seed, '--dry-run')),
    )
    const points = results.map(({ code, stdout }) => [code, /2 metrics, (\d)/.exec(stdout)?.[1]])
    expect(new Set(points.map(String))).toEqual(new Set(['0,1', '0,2']))
    writeFileSync(join(directory, 'design.yaml'), design('c'))
    expect(await run('-i', 'design.yaml', '--seed', '1', '--dry-run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('m has no value of the key "c"'),
    })
  })

  it('does not pass over existing data that is not where the command line says', async () => {
    const design = 'b: {start_time: 2017-12-01, end_time: 2017-12-02, values: {function: 2*x, metric: a}}'
    writeFileSync(join(directory, 'design.yaml'), design)
    const { stderr, code } = await run('-i', 'design.yaml', '--metrics-data-file', 'gone.json.gz')
    expect(stderr).toContain('metrics file not found: gone.json.gz')
    expect(code).toBe(2)
  })

  it('writes for Clusterman what a literal reader of its format reads', async () => {
    await run('-i', 'design.yaml', '--seed', '1')
    await run('-i', 'design.yaml', '--seed', '1', '-o', 'theirs.json.gz', '--format', 'clusterman')
    const ours = await loadMetrics(output())
    const theirs = JSON.parse(python(clustermanReader, join(directory, 'theirs.json.gz')).toString())
    expect(theirs.app_metrics.runs).toEqual(
      ours.app_metrics.runs.map(([time, value]) => [Math.floor(time / 1_000), value]),
    )
  })

  it('keeps one point a second for Clusterman, only where that is allowed', async () => {
    writeFileSync(
      join(directory, 'design.yaml'),
      't: {m: {start_time: 2017-12-01T08:00:00.5Z, end_time: 2017-12-01T09:00:01Z, frequency: 500ms, values: 1}}',
    )
    const flags = ['-i', 'design.yaml', '--seed', '1', '--format', 'clusterman']
    expect(await run(...flags)).toMatchObject({
      code: 7,
      stderr: `error: m has several points in the second of 2017-12-01T08:00:01Z: --format clusterman holds one
  write --format plain, or let --allow-lossy keep the last of each second\n`,
    })
    expect(readdirSync(directory)).toEqual(['design.yaml'])
    const { stderr, code } = await run(...flags, '--allow-lossy')
    const summary =
      /^metrics\.json\.gz: (1 metric, 3,?601 points, [\d,]+ bytes, 3,?600 points left out: one a second is kept)$/m.exec(
        stderr,
      )
    expect(code).toBe(0)
    const times = (await loadMetrics(output())).t.m.map(([time]) => time)
    expect(times).toEqual(Array.from({ length: 3_601 }, (_, i) => Date.UTC(2017, 11, 1, 8) + i * 1_000))
    expect((await run(...flags, '--allow-lossy', '--dry-run')).stdout).toBe(`Random Seed: 1\n${summary?.[1]}\n`)
  })

  it('reproduces the samples that are shipped', async () => {
    const examples = join(import.meta.dirname, '../../examples')
    copyFileSync(join(examples, 'design.yaml'), join(directory, 'design.yaml'))
    const { stdout, code } = await run('-i', 'design.yaml', '--seed', '12345', '--now', '2017-12-08T00:00:00Z')
    expect({ stdout, code }).toEqual({ stdout: 'Random Seed: 12345\n', code: 0 })
    expect(text()).toBe(text(join(examples, 'metrics.json.gz')))
  })
})

const samples = sharedData('clusterman')

describe.skipIf(!samples)("Clusterman's own designs", () => {
  it('generate, the historical metric from a file that holds it', async () => {
    const data = { cpu: { 'cpu_allocation|cluster=everywhere-testopia,role=jolt': [['2017-12-01T08:30:00Z', 2]] } }
    writeFileSync(join(directory, 'data.json'), JSON.stringify({ system_metrics: data.cpu }))
    const design = join(samples ?? '', 'design.yaml')
    const { code } = await run('-i', design, '--seed', '1', '--metrics-data-file', 'data.json')
    expect(code).toBe(0)
    const read = await loadMetrics(output())
    expect(Object.keys(read)).toEqual(['metadata', 'app_metrics', 'system_metrics'])
    expect(Object.values(read.system_metrics)).toEqual([[[Date.UTC(2017, 11, 1, 8, 30), 13]]])
  })

  it('generate 540 points for the acceptance test', async () => {
    const { stderr, code } = await run(
      '-i',
      join(samples ?? '', 'itest-metrics.yaml'),
      '--seed',
      '1',
      '--compat',
      'clusterman',
    )
    expect(code).toBe(0)
    expect(stderr).toContain('9 metrics, 540 points')
    expect((await loadMetrics(output())).metadata[Object.keys((await loadMetrics(output())).metadata)[0]][0][0]).toBe(
      Date.UTC(2017, 11, 1, 16),
    )
  })
})

/** Runs a command on a pseudo-terminal, answers its question, and tells what it wrote and how it ended. */
const terminal = `
import json, os, pty, sys
given = json.load(sys.stdin)
pid, fd = pty.fork()
if pid == 0:
    os.chdir(given['directory'])
    os.execv(given['command'][0], given['command'])
text, answered = '', False
while True:
    try: piece = os.read(fd, 4096)
    except OSError: break
    if not piece: break
    text += piece.decode()
    if '[y/N]' in text and not answered:
        answered = True
        os.write(fd, (given['answer'] + '\\n').encode())
_, status = os.waitpid(pid, 0)
json.dump({'text': text, 'code': os.waitstatus_to_exitcode(status)}, sys.stdout)
`

/** Takes apart exactly what jsonpickle writes for Clusterman. */
const clustermanReader = `
import gzip, json, sys
out = {}
for kind, metrics in json.load(gzip.open(json.load(sys.stdin))).items():
    assert metrics.pop('py/object') == 'collections.defaultdict'
    assert metrics.pop('default_factory') == {'py/type': 'builtins.list'}
    out[kind] = {}
    for name, points in metrics.items():
        out[kind][name] = []
        for point in points:
            time, value = point['py/tuple']
            assert list(point) == ['py/tuple'] and time['py/object'] == 'arrow.arrow.Arrow' and type(time['timestamp']) is int
            out[kind][name].append([time['timestamp'], value])
json.dump(out, sys.stdout)
`

describe('an interrupted generate-data', () => {
  const large = design.replace('lambd: 0.01', 'lambd: 1000')

  it.each([
    ['SIGINT', ['--output', 'metrics.json.gz'], 'metrics.json.gz is as it was'],
    ['SIGTERM', ['--to', 'lake'], 'every hour of lake is whole or as it was, the same command and seed finish it'],
  ] as const)('by %s leaves nothing half-made, says so and ends with 6: %j', async (signal, flags, left) => {
    writeFileSync(join(directory, 'design.yaml'), large)
    const { child, result } = startCli(['generate-data', '-i', 'design.yaml', '--seed', '1', '-q', ...flags], {
      cwd: directory,
    })
    child.stdout?.once('data', () => setTimeout(() => child.kill(signal), 300))
    expect(await result).toMatchObject({ code: 6, stderr: `interrupted: ${left}\n` })
    const files = readdirSync(directory, { recursive: true }).map(String)
    expect(files.filter((name) => /tmp\/|lock|\.tmp|\.new|parquet|metrics/.test(name))).toEqual([])
  })
})

describe('generate-data into a lake', () => {
  it('tells the bytes beforehand, and is listed by status', async () => {
    const flags = ['-i', 'design.yaml', '--to', 'lake', '--seed', '7']
    const dry = await run(...flags, '--dry-run')
    expect(existsSync(join(directory, 'lake'))).toBe(false)
    const real = await run(...flags)
    const [, size] = /^Random Seed: 7\n(1 metric, .* bytes)\n$/.exec(dry.stdout) ?? []
    // On a slow machine a line of progress comes before.
    expect(real.stderr.split('\n').at(-2)).toBe(`lake: ${size}`)
    const { stdout } = await runCli(['status', 'lake'], { cwd: directory })
    expect(stdout).toMatch(
      /^job [0-9a-f]{12} of .*design\.yaml\nfull +1 chunk done, 0 stale, 0 failed; (\d+) rows of \1 points, 0 duplicates; \[?2017-12-01T08:00:00Z/,
    )
  })

  it('takes over the lock of another host only when told to', async () => {
    await run('-i', 'design.yaml', '--to', 'lake', '--seed', '7')
    const owner = { host: 'elsewhere', pid: 1, nonce: 'x' }
    writeFileSync(join(directory, 'lake/_retrofill/lock'), JSON.stringify(owner))
    const flags = ['-i', 'design.yaml', '--to', 'lake', '--seed', '7']
    expect(await run(...flags)).toMatchObject({ code: 7, stderr: expect.stringContaining('--take-over') })
    expect(await run(...flags, '--take-over')).toMatchObject({ code: 0 })
  })
})
