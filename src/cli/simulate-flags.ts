import { type ComparisonOperator, comparisonOperators, type EventFormat, eventFormats } from '../simulate/choices.ts'
import { choice, flag, list, optional, optionalChoice, text } from './flags.ts'
import { type TimeFlags, timeFlags } from './time-flags.ts'
import { numberFrom0, positiveNumber } from './values.ts'

export type SimulateFlags = TimeFlags & {
  readonly metricsDataFiles?: readonly string[]
  readonly from?: readonly string[]
  readonly cluster?: string
  readonly pool?: string
  readonly scheduler?: string
  readonly name: string
  readonly lookBack: boolean
  readonly cpusPerWeight: number
  readonly discount: number
  readonly joinDelayParams?: readonly number[]
  readonly seed: string
  readonly billingPeriod: string
  readonly refund: boolean
  readonly bids?: string
  readonly onDemandPrices?: string
  readonly instanceTypes?: string
  readonly ebsVolumeSize: number
  readonly events?: EventFormat | 'none'
  readonly output: 'text' | 'json'
  readonly result?: string
  readonly series?: readonly string[]
  readonly step: string
  readonly seriesFile?: string
  readonly to?: string
  readonly takeOver: boolean
  readonly reports?: readonly string[]
  readonly reportFormat: 'html' | 'png'
  readonly outputPrefix: string
  readonly compare?: readonly string[]
  readonly comparisonOperator: ComparisonOperator
  readonly allowEmpty: boolean
  readonly quiet: boolean
}

export const simulateFlags = {
  metricsDataFiles: list(text('Metrics files; of a metric that several have the last is taken', 'file')),
  from: list(text('Stores to read beside or instead: a lake, a metrics file, dynamodb://REGION/', 'store')),
  ...timeFlags,
  cluster: optional(text('Cluster, where the files have several', 'name')),
  pool: optional(text('Pool, where the cluster has several', 'name')),
  scheduler: optional(text('Scheduler of the pool: mesos, kubernetes', 'name')),
  name: { ...text('Name of the simulation in reports', 'name'), default: 'simulation' },
  lookBack: { kind: 'boolean', brief: 'The last value before the start counts', default: true },
  cpusPerWeight: { ...positive('cpus-per-weight', 'vCPUs of one unit of capacity'), default: '1' },
  discount: { ...positive('discount', 'What spot prices are multiplied by: 0.5 is half the price'), default: '1' },
  joinDelayParams: list({
    kind: 'parsed' as const,
    parse: numberFrom0('join-delay-params'),
    brief: 'Mean and standard deviation of the seconds from launch to join',
    placeholder: 'seconds',
  }),
  seed: { ...text('Seed of the join delays', 'text'), default: '0' },
  billingPeriod: { ...text('Time charged at one price, and in full once begun', 'duration'), default: '1s' },
  refund: { kind: 'boolean', brief: 'The last period of an instance that ends outbid is free', default: true },
  bids: optional(text('YAML file of bids in $/h, by market or instance type', 'file')),
  onDemandPrices: optional(
    text('YAML file of prices in $/h, by market or instance type, for markets without a price series', 'file'),
  ),
  instanceTypes: optional(text('YAML file of further instance types', 'file')),
  ebsVolumeSize: {
    kind: 'parsed',
    parse: numberFrom0('ebs-volume-size'),
    brief: 'GB of disk of instances without a local one',
    placeholder: 'GB',
    default: '0',
  },
  events: optionalChoice(
    'events',
    [...eventFormats, 'none'],
    'Form of events (default: text; with --output json none)',
  ),
  output: choice('output', ['text', 'json'], 'Form of the summary'),
  result: optional(text('Result file to write, for --compare', 'file')),
  series: list(text('Data keys to write step by step to --series-file or --to', 'key')),
  step: { ...text('Step of --series', 'duration'), default: '60s' },
  seriesFile: optional(text('File for --series: .csv or .ndjson', 'file')),
  to: optional(text('Lake for --series; made where it is missing', 'lake')),
  takeOver: flag('Take over the lock of a dead process on another host'),
  reports: list(text('Reports to draw: data keys, or all', 'key')),
  reportFormat: choice('report-format', ['html', 'png'], 'One page, or a picture for each report'),
  outputPrefix: { ...text('What names of reports begin with, a folder too', 'text'), default: '' },
  compare: list(text('Result files: one to compare this simulation with, or two', 'file')),
  comparisonOperator: choice('comparison-operator', comparisonOperators, 'How two simulations are combined'),
  allowEmpty: flag('A window that no point has a say in is no failure'),
  quiet: flag('No talk'),
} as const

/** Flags of Clusterman's simulator and of its documentation. */
export const simulateSynonyms = {
  'metrics-data-file': 'metrics-data-files',
  role: 'pool',
  'simulation-result-file': 'result',
}

function positive(name: string, brief: string) {
  return { kind: 'parsed', parse: positiveNumber(name), brief, placeholder: 'number' } as const
}
