import type { Difference } from './compare.ts'
import { dollars } from './report/format.ts'
import type { Summary } from './summary.ts'

const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })

const lines: Readonly<Record<keyof Summary, { label: string; format: (value: number) => string }>> = {
  total_cost: { label: 'Total cost', format: dollars },
  vcpu_hours_bought: { label: 'vCPU-hours bought', format: number.format },
  vcpu_hours_used: { label: 'vCPU-hours used', format: number.format },
  unused_cost: { label: 'Unused cost', format: dollars },
  cost_per_vcpu_hour: { label: 'Cost per vCPU-hour', format: dollars },
  oversubscribed_hours: { label: 'Oversubscribed hours', format: number.format },
  peak_vcpus: { label: 'Peak vCPUs', format: number.format },
  mean_vcpus: { label: 'Mean vCPUs', format: number.format },
  peak_instances: { label: 'Peak instances', format: number.format },
  peak_memory_gib: { label: 'Peak memory (GiB)', format: number.format },
  peak_disk_gb: { label: 'Peak disk (GB)', format: number.format },
  peak_gpus: { label: 'Peak GPUs', format: number.format },
}

/** Rows of label and value. */
export const summaryRows = (summary: Summary): string[][] =>
  (Object.keys(lines) as (keyof Summary)[]).map((name) => [lines[name].label, lines[name].format(summary[name])])

/** Rows of label, both values, their difference and their ratio. */
export const differenceRows = (differences: readonly Difference[]): string[][] =>
  differences.map(({ name, first, second, difference, ratio }) => {
    const { label, format } = lines[name]
    return [label, format(first), format(second), format(difference), ratio === undefined ? '' : percent.format(ratio)]
  })

/** Rows as text: the first column to the left, the others to the right. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  )
}
