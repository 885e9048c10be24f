import { Kind, type PointBatch } from '../metric/points.ts'
import { Integer, type RollupBatch } from '../metric/rollups.ts'
import { isPoints, type RowBatch } from '../metric/rows.ts'
import { formatTime } from '../time/range.ts'

/** A function that gives rows as lines, the heading before the first. */
export function rowFormatter(form: 'table' | 'csv' | 'ndjson'): (batch: RowBatch) => string {
  let isFirst = form !== 'ndjson'
  return (batch) => {
    const fieldsOf = isPoints(batch) ? pointFields(batch) : rollupFields(batch)
    let text = ''
    for (let row = 0; row < batch.length; row++) {
      const fields = fieldsOf(row)
      if (isFirst) text += `${Object.keys(fields).join(form === 'csv' ? ',' : '  ')}\n`
      isFirst = false
      text += `${formatters[form](fields)}\n`
    }
    return text
  }
}

type Fields = Readonly<Record<string, string | number | bigint>>

const rollupFields =
  (batch: RollupBatch) =>
  (row: number): Fields => ({
    series: batch.dictionary[batch.series[row]],
    time: formatTime(batch.time[row]),
    count: batch.count[row],
    sum: batch.sum[row],
    mean: batch.mean[row],
    variance: batch.variance[row],
    min: batch.integer[row] & Integer.min ? batch.minInt[row] : batch.min[row],
    max: batch.integer[row] & Integer.max ? batch.maxInt[row] : batch.max[row],
  })

const pointFields =
  ({ dictionary, series, time, value, kind, wide }: PointBatch) =>
  (row: number): Fields => ({
    series: dictionary[series[row]],
    time: formatTime(time[row]),
    value: wide && kind[row] !== Kind.double ? wide[row] : value[row],
  })

const formatters = {
  table: (fields: Fields) => Object.values(fields).map(short).join('  '),
  csv: (fields: Fields) =>
    Object.values(fields)
      .map((value) => escapeCsv(exact(value)))
      .join(','),
  /** Numbers stand as they are, integers exactly; what JSON has no number for (NaN, infinities) as text. */
  ndjson: (fields: Fields) =>
    `{${Object.entries(fields)
      .map(([name, value]) => `"${name}":${json(value)}`)
      .join(',')}}`,
}

/** People read six digits; the other forms have them all. */
const short = (value: string | number | bigint): string =>
  typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value)

const escapeCsv = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const json = (value: string | number | bigint): string =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    ? exact(value)
    : JSON.stringify(String(value))

/** Every digit, and the sign of zero. */
const exact = (value: string | number | bigint): string => (Object.is(value, -0) ? '-0' : String(value))
