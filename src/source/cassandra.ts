import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseShards } from '../archive/shards.ts'
import { parseLocators } from '../store/cassandra/locators.ts'
import { cassandraReader } from '../store/cassandra/reader.ts'
import { errorCode, usageError } from '../util/errors.ts'
import { defineSource } from './definition.ts'
import type { Source } from './source.ts'
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
    const all = storeSource(cassandraReader(location, { env, shards: parseShards(shards) }))
    return path === undefined ? all : only(all, parseLocators(await readList(path)))
  },
})

/** A source of just some series. */
const only = (source: Source, series: readonly string[]): Source => ({
  ...source,
  read(query, range, options) {
    const { names } = query
    const wanted = names ? series.filter((text) => names.includes(text)) : series
    return source.read({ ...query, names: wanted }, range, options)
  },
})

const readList = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error) => {
    throw usageError(`cannot read ${path}: ${errorCode(error) ?? error}`)
  })
