import type { DataKey } from '../data.ts'
import { dollars, vcpus } from './format.ts'

/** How a data key is reported. */
export interface ReportKind {
  readonly title: string
  /** Words before a month's number, such as `total cost`. */
  readonly aggregate: string
  /** What the vertical axis of the daily chart shows. */
  readonly axis: string
  readonly format: (value: number) => string
  readonly formatAggregate: (value: number) => string
}

const count = (title: string, aggregate: string): ReportKind => ({
  title,
  aggregate,
  axis: 'vCPUs',
  format: vcpus,
  formatAggregate: vcpus,
})

const money = (title: string, aggregate: string): ReportKind => ({
  title,
  aggregate,
  axis: '$ a minute',
  format: (value) => `${dollars(value)}/minute`,
  formatAggregate: dollars,
})

export const reportKinds: Readonly<Record<DataKey, ReportKind>> = {
  cpus: count('vCPU capacity', 'average capacity'),
  cpus_allocated: count('vCPUs allocated', 'average allocated capacity'),
  unused_cpus: count('Unused vCPUs', 'average unused capacity'),
  cost: money('Cost', 'total cost'),
  unused_cpus_cost: money('Cost of unused vCPUs', 'unused cost'),
  cost_per_cpu: {
    title: 'Cost per vCPU',
    aggregate: 'average cost per vCPU-hour',
    axis: '$ a vCPU-hour',
    format: (value) => `${dollars(value)}/vCPU-hour`,
    formatAggregate: dollars,
  },
  oversubscribed: count('Oversubscribed vCPUs', 'average oversubscribed capacity'),
}
