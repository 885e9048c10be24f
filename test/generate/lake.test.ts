import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type GenerateDataOptions, generateData } from '../../src/generate/generate-data.ts'
import { metricsFileStore } from '../../src/store/metrics-file.ts'
import { openForReading } from '../../src/store/open.ts'
import { full } from '../../src/time/granularity.ts'
import { hour } from '../../src/time/range.ts'
import { loadMetrics } from '../metrics-file/metrics.ts'
import { temporaryFolder } from '../support/folders.ts'
import { lakeFiles, leftovers, queryDuckDB } from '../support/lakes.ts'
import { defaults, generateFile, oneMetric } from './generated.ts'

const always = { start: -8.64e15, end: 8.64e15 }
const at = Date.UTC(2017, 11, 1, 8)
const folder = temporaryFolder()
let lakes = 0
const newLake = () => join(folder, `lake-${lakes++}`)

/** Generates a design into a lake. */
const generateLake = (design: string, options: Partial<GenerateDataOptions> = {}) =>
  generateFile(design, { output: newLake(), into: 'lake', ...options })

/** A command that generates a design into a new lake: however often it runs, it is one job. */
function oneJob(design: string) {
  const input = join(temporaryFolder(), 'design.yaml')
  const output = newLake()
  writeFileSync(input, design)
  return { output, run: () => generateData({ ...defaults, input, output, into: 'lake' }) }
}

/** The data files of a lake, as texts. */
const bytes = (lake: string): string[] =>
  lakeFiles(lake).map((name) => readFileSync(join(lake, name)).toString('base64'))

/** All points of a lake, as a metrics file has them. */
async function loadLake(lake: string) {
  const file = `${lake}.json.gz`
  await using store = metricsFileStore(file)
  const rows = (await openForReading(lake)).read({ granularity: full }, always)
  await store.replace({ granularity: full, range: always, series: 'all' }, rows)
  return loadMetrics(file)
}

const several = `
app_metrics:
  runs: {start_time: "2017-12-01T08:30", end_time: "2017-12-01T12:15", frequency: {distribution: expovariate, params: {lambd: 0.01}}, values: {distribution: gauss, params: {mu: 5, sigma: 1}}}
  counts|role=web: {start_time: "2017-12-01T07:00", end_time: "2017-12-01T09:00", frequency: 7m, values: {distribution: randint, params: {a: -9, b: 9007199254740900}}}
metadata:
  keyed: {start_time: "2017-12-01T08:00", end_time: "2017-12-01T10:00", frequency: 11m, values: {distribution: random}, dict_keys: ["<m3.large, us-west-2a>", b, c]}
flat: {start_time: "2017-12-01T23:00", end_time: "2017-12-02T01:00", frequency: 30s, values: 1}
`

/** Metrics of which one is a function of an earlier one. */
const derived = `
a: {start_time: "2017-12-01", end_time: "2017-12-01T12:00", frequency: 10m, values: {distribution: random}}
b: {start_time: "2017-12-01", end_time: "2017-12-01T12:00", values: {function: "10*x", metric: a}}
`

describe('generate-data into a lake', () => {
  it('then into a file equals generating into a file', async () => {
    const lake = await generateLake(several)
    expect(await loadLake(lake)).toEqual(await loadMetrics(await generateFile(several)))
    expect(leftovers(lake)).toEqual([])
  })

  it('is a Parquet file an hour that DuckDB reads', async () => {
    const lake = await generateLake(oneMetric('frequency: 10m\nvalues: 2'))
    expect(lakeFiles(lake)).toEqual([expect.stringMatching(/^full\/date=2017-12-01\/08\.[0-9a-f]{12}\.parquet$/)])
    const [found] = await queryDuckDB(`SELECT count(*) AS n, sum(value_int) AS s FROM '${lake}/full/*/*.parquet'`)
    expect({ n: Number(found.n), s: Number(found.s) }).toEqual({ n: 6, s: 12 })
  })

  it('is the same lake, to the byte, when run twice', async () => {
    const { output, run } = oneJob(`${several}${derived}`)
    await run()
    const once = bytes(output)
    await run()
    expect(bytes(output)).toEqual(once)
  })

  it('is the whole lake after a run that was killed while it wrote', async () => {
    const { output, run } = oneJob(derived)
    await run()
    const whole = bytes(output)
    for (const name of lakeFiles(output).slice(5)) rmSync(join(output, name))
    await run()
    expect(bytes(output)).toEqual(whole)
  })

  it('replaces metrics of another design as a whole with consent, and refuses without', async () => {
    const output = await generateLake(several)
    const before = await loadLake(output)
    const changed =
      'app_metrics:\n  runs: {start_time: "2017-12-01T11:00", end_time: "2017-12-01T11:02", frequency: 1m, values: 3}'
    await expect(generateLake(changed, { output })).rejects.toMatchObject({ exitCode: 7 })
    await generateLake(changed, { output, confirm: async () => true })
    const runs = [
      [at + 3 * hour, 3],
      [at + 3 * hour + 60_000, 3],
    ]
    writeFileSync(`${output}.json.gz`, '{}')
    expect(await loadLake(output)).toEqual({ ...before, app_metrics: { ...before.app_metrics, runs } })
  })

  it('replaces a metric whose dimensions stood in another order', async () => {
    const design = (name: string, value: number) =>
      `"${name}": {start_time: "2017-12-01T08:00", end_time: "2017-12-01T08:01", frequency: 1m, values: ${value}}`
    const output = await generateLake(design('a|z=1,b=2', 1))
    const other = design('a|z=1,b=2', 2)
    await expect(generateLake(other, { output })).rejects.toMatchObject({ exitCode: 7 })
    await generateLake(other, { output, confirm: async () => true })
    expect(await loadLake(output)).toEqual({ '-': { 'a|b=2,z=1': [[at, 2]] } })
  })

  it('writes nothing of a design whose values fail on the way', async () => {
    const output = newLake()
    const failing = `${several}bad: {start_time: "2017-12-01T08:00", end_time: "2017-12-01T09:00", frequency: 1m, values: {distribution: lognormvariate, params: {mu: 1000, sigma: 0}}}`
    await expect(generateLake(failing, { output })).rejects.toThrow()
    expect(lakeFiles(output)).toEqual([])
  })

  it('feeds functions of later designs', async () => {
    const from = await generateLake(several)
    const double = (metric: string) =>
      `m: {start_time: "2017-12-01T00:00", end_time: "2017-12-02", values: {function: "2*x", ${metric}, from: "${from}"}}`
    const { app_metrics, metadata } = await loadLake(from)
    const twice = async (metric: string) => (await loadMetrics(await generateFile(double(metric))))['-'].m
    expect(await twice('metric: runs')).toEqual(app_metrics.runs.map(([time, value]) => [time, 2 * Number(value)]))
    const ofKey = metadata.keyed.flatMap(([time, value]) => {
      const one = (value as Record<string, number>).b
      return one === undefined ? [] : [[time, 2 * one]]
    })
    expect(await twice('metric: keyed, key: b')).toEqual(ofKey)
    await expect(twice('metric: keyed')).rejects.toThrow('multi-valued')
    await expect(twice('metric: gone')).rejects.toThrow('no metric gone in')
    await expect(twice('metric: keyed, key: gone')).rejects.toThrow('no metric keyed with the key "gone" in')
  })
})
