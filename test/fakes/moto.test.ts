import {
  CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import { DescribeSpotPriceHistoryCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMoto } from '../services/moto.ts'
import { type Server, serverOrSkip } from '../services/support.ts'
import { startFakeCloudWatch } from './cloudwatch.ts'
import { startFakeEc2 } from './ec2.ts'

/** The form of an answer: types by field, of all items of a list together. */
type Shape = string | { readonly [field: string]: Shape } | readonly Shape[]

function shapeOf(value: unknown): Shape {
  if (value instanceof Date) return 'Date'
  if (Array.isArray(value)) return value.map(shapeOf).slice(0, 1)
  if (typeof value !== 'object' || value === null) return typeof value
  const told = Object.entries(value).filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0))
  return Object.fromEntries(told.map(([field, one]) => [field, shapeOf(one)]))
}

const answerOf = <Answer extends object>({ $metadata: _, ...answer }: Answer & { $metadata: unknown }) => answer

const settings = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
const minute = 60_000
const now = Math.floor(Date.now() / (5 * minute)) * 5 * minute
const start = now - 30 * minute
const points = Array.from({ length: 20 }, (_, i) => [start + i * minute, (i * i) / 8] as const)
const dimensions = { InstanceId: 'i-1', Zone: 'a' }
const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))

// Torture only: it installs a Python package of many megabytes.
describe.runIf(process.env.TORTURE)('the stand-ins of AWS answer in the form in which moto does', () => {
  let moto: Server | undefined
  beforeAll(async () => {
    moto = await serverOrSkip('moto', startMoto)
  }, 300_000)
  afterAll(() => moto?.stop())

  async function cloudWatches() {
    const metrics = [{ namespace: 'App', name: 'load', dimensions, points }]
    const fake = await startFakeCloudWatch({ metrics, now: () => now })
    const real = new CloudWatchClient({ ...settings, endpoint: moto?.url })
    const MetricData = points.map(([time, Value]) => ({
      MetricName: 'load',
      Dimensions,
      Timestamp: new Date(time),
      Value,
    }))
    await real.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }))
    return { fake, real, double: new CloudWatchClient({ ...settings, endpoint: fake.url }) }
  }

  it('CloudWatch: the same metrics, and the same values of every statistic', async ({ skip }) => {
    if (!moto) skip()
    const { fake, real, double } = await cloudWatches()
    try {
      const list = new ListMetricsCommand({ Namespace: 'App' })
      const [listed, all] = [answerOf(await double.send(list)), answerOf(await real.send(list))]
      expect(shapeOf(listed)).toEqual(shapeOf(all))
      // Moto lists a metric once for each value.
      expect(listed.Metrics).toEqual(all.Metrics?.slice(0, 1))
      for (const Stat of ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount']) {
        const Metric = { Namespace: 'App', MetricName: 'load', Dimensions }
        const input: GetMetricDataCommandInput = {
          StartTime: new Date(start),
          EndTime: new Date(start + 20 * minute),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: [{ Id: 'm0', MetricStat: { Metric, Stat, Period: 300 } }],
        }
        const command = new GetMetricDataCommand(input)
        const [found, expected] = [answerOf(await double.send(command)), answerOf(await real.send(command))]
        expect(shapeOf(found)).toEqual(shapeOf(expected))
        const valuesOf = ({ MetricDataResults: [result] = [] }: typeof found) => [result.Timestamps, result.Values]
        expect(valuesOf(found)).toEqual(valuesOf(expected))
      }
    } finally {
      await fake.stop()
    }
  })

  it('EC2: rows of the history of prices', async ({ skip }) => {
    if (!moto) skip()
    const price = { type: 'm3.large', zone: 'us-east-1a', product: 'Linux/UNIX', time: start, price: '0.034500' }
    const fake = await startFakeEc2([price])
    try {
      const command = new DescribeSpotPriceHistoryCommand({
        InstanceTypes: ['m3.large'],
        ProductDescriptions: ['Linux/UNIX'],
        StartTime: new Date(start),
        EndTime: new Date(now),
      })
      const ask = (endpoint?: string) => new EC2Client({ ...settings, endpoint }).send(command)
      const rowsOf = ({ SpotPriceHistory }: Awaited<ReturnType<typeof ask>>) => shapeOf(SpotPriceHistory)
      expect(rowsOf(await ask(fake.url))).toEqual(rowsOf(await ask(moto?.url)))
    } finally {
      await fake.stop()
    }
  })
})
