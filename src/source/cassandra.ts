import { z } from 'zod'
import { parseShards } from '../archive/shards.ts'
import { parseLocators } from '../store/cassandra/locators.ts'
import { cassandraReader } from '../store/cassandra/reader.ts'
import { full } from '../time/granularity.ts'
import { readNamedText } from '../util/named-file.ts'
import { defineSource } from './definition.ts'
import type { Query, Source } from './source.ts'
import { storeSource } from './store.ts'

export const cassandra = defineSource({
  brief: 'The full values of Blueflood’s tables: --from cassandra://HOST[:PORT][,HOST…]/KEYSPACE',
  options: z.object({
    shards: z
      .string()
      .prefault('ALL')
      .describe('Shards whose series are read, as metrics_locator lists them: ALL or a list such as 0-15,40'),
    locators: z
      .string()
      .optional()
      .describe(
        'A file of locators, one a line, to read instead: they are found even where metrics_locator lacks them',
      ),
  }),
  secrets: [],
  needsMetric: false,
  async open({ shards, locators: path }, { location, env }) {
    const parsed = parseShards(shards)
    const reader = cassandraReader(location, { env, shards: parsed })
    const all: Source = {
      ...storeSource(reader),
      async estimate(query, range, signal) {
        const { series, rows: points } = await reader.count({ ...query, granularity: full }, range, { signal })
        // One for each series, and those that list them.
        return {
          requests: series + (query.names ? 0 : [...parsed].length),
          series,
          points,
          bytes: points * bytesPerPoint,
        }
      },
    }
    return path === undefined ? all : only(all, parseLocators(await readNamedText(path)))
  },
})

/** A time of eight bytes, a value of up to nine, and what stands around them. */
const bytesPerPoint = 30

/** A source of just some series. */
const only = (source: Source, series: readonly string[]): Source => {
  const ours = <Asked extends Query>(query: Asked): Asked => {
    const { names } = query
    return { ...query, names: names ? series.filter((text) => names.includes(text)) : series }
  }
  return {
    ...source,
    read: (query, range, options) => source.read(ours(query), range, options),
    estimate: async (query, range, signal) => (await source.estimate?.(ours(query), range, signal)) ?? {},
  }
}
