import { Integer, type RollupBatch } from '../metric/rollups.ts'
import { formatTime } from '../time/range.ts'

const columns = ['series', 'time', 'count', 'sum', 'mean', 'variance', 'min', 'max'] as const

/** A function that gives rows as lines, the heading before the first. */
export function rowFormatter(form: 'table' | 'csv' | 'ndjson'): (batch: RollupBatch) => string {
  let heading = form === 'ndjson' ? '' : `${columns.join(form === 'csv' ? ',' : '  ')}\n`
  return (batch) => {
    let text = heading
    heading = ''
    for (let row = 0; row < batch.length; row++) text += `${formatters[form](batch, row)}\n`
    return text
  }
}

const valuesOf = (batch: RollupBatch, row: number) => ({
  series: batch.dictionary[batch.series[row]],
  time: formatTime(batch.time[row]),
  count: batch.count[row],
  sum: batch.sum[row],
  mean: batch.mean[row],
  variance: batch.variance[row],
  min: batch.integer[row] & Integer.min ? batch.minInt[row] : batch.min[row],
  max: batch.integer[row] & Integer.max ? batch.maxInt[row] : batch.max[row],
})

const formatters = {
  table(batch: RollupBatch, row: number) {
    const values = valuesOf(batch, row)
    return columns.map((name) => short(values[name])).join('  ')
  },
  csv(batch: RollupBatch, row: number) {
    const values = valuesOf(batch, row)
    return columns.map((name) => escapeCsv(String(values[name]))).join(',')
  },
  /** Numbers stand as they are, integers exactly; what JSON has no number for (NaN, infinities) as text. */
  ndjson(batch: RollupBatch, row: number) {
    const fields = Object.entries(valuesOf(batch, row)).map(([name, value]) => `"${name}":${json(value)}`)
    return `{${fields.join(',')}}`
  },
}

/** People read six digits; the other forms have them all. */
const short = (value: string | number | bigint): string =>
  typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value)

const escapeCsv = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const json = (value: string | number | bigint): string =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    ? String(value)
    : JSON.stringify(String(value))
