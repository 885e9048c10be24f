import { formatSeries, parseSeries } from '../../metric/series.ts'
import { usageError } from '../../util/errors.ts'

/** The row key of a series. Throws a usage error where the series has tags, or no name: Blueflood's locators are names. */
export function locatorOf(text: string): string {
  const { name, tags } = parseSeries(text)
  if (tags.length > 0) throw usageError(`Blueflood knows no tags: ${text}`, 'rename the series, or use another store')
  if (name === '') throw usageError('Cassandra takes no series without a name')
  return name
}

/** The series of a row key. */
export const seriesOf = (locator: string): string => formatSeries({ name: locator, tags: [] })

/** The series of a list of row keys, one a line. */
export const parseLocators = (text: string): string[] => [
  ...new Set(
    text
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map(seriesOf),
  ),
]
