import { formatSeries, series } from '../../../src/metric/series.ts'
import { day, floorTo, formatTime, hour, minute } from '../../../src/time/range.ts'
import { readArchive } from '../../support/cloudwatch-archive.ts'
import type { Row } from '../../support/rows.ts'
import type { ServiceData } from './sources.ts'

/** Some days of the real values of CloudWatch in the shared archive, as a service has them; undefined where it is missing. */
export function realData(days: number): (ServiceData & { readonly times: readonly string[] }) | undefined {
  const archive = readArchive()
  if (!archive) return undefined
  const first = floorTo(Math.min(...archive.map(([, time]) => time)), day) + day
  const end = first + days * day
  const rows = archive
    .filter(([, time]) => time >= first && time < end)
    .map(([text, time, value]): Row => [formatSeries(series('value', { metric: text })), time, value])
  const times = [`--start-time=${formatTime(first)}`, `--end-time=${formatTime(end)}`]
  // Values of a minute are kept for 15 days.
  return { rows, slot: minute, now: () => end + hour, times }
}
