import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Row } from './rows.ts'
import { sharedData } from './shared.ts'

/** The real CloudWatch values of the shared archive, by a reader of its own: each as a row of a double; undefined where it is missing. */
export function readArchive(): Row[] | undefined {
  const folder = sharedData('archive-cloudwatch')
  if (folder === undefined) return undefined
  const rows = new Map<string, Row>()
  for (const file of readdirSync(folder)) {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n')
    for (const line of lines.filter((text) => text !== ''))
      for (const row of rowsOf(line)) rows.set(`${row[0]} ${row[1]}`, row)
  }
  return [...rows.values()]
}

interface Line {
  readonly timestamp: number
  readonly entityId: string
  readonly checkId: string
  readonly metrics: Readonly<
    Record<string, Readonly<Record<'metricType' | 'valueDbl' | 'valueI64' | 'valueI32', number>>>
  >
}

/** Kinds of numbers, by the codes of the archive's format. */
const fields = { 73: 'valueI32', 105: 'valueI32', 76: 'valueI64', 108: 'valueI64', 110: 'valueDbl' } as const

function rowsOf(text: string): Row[] {
  const { timestamp, entityId, checkId, metrics } = JSON.parse(text) as Line
  return Object.entries(metrics).flatMap(([name, metric]) => {
    const field = fields[metric.metricType as keyof typeof fields]
    return field === undefined ? [] : [[`${entityId}.${checkId}.${name}`, timestamp, metric[field]] as Row]
  })
}
