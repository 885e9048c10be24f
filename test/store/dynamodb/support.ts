import { randomBytes } from 'node:crypto'
import { typeTag } from '../../../src/metric/series.ts'
import { type DynamoStoreOptions, dynamoStore } from '../../../src/store/dynamodb/dynamodb.ts'
import type { RowBatch, Store } from '../../../src/store/store.ts'

/** Credentials that no other test has: DynamoDB Local keeps tables of its own for them. */
export const newAccount = () => ({ accessKeyId: `t${randomBytes(8).toString('hex')}`, secretAccessKey: 'secret' })

export type Account = ReturnType<typeof newAccount>

export const openDynamo = (endpoint: string, options: Partial<DynamoStoreOptions> = {}) =>
  dynamoStore({ endpoint, region: 'us-west-2', credentials: newAccount(), ...options })

const tag = `${typeTag}=metadata`

/** A store that needs metric types and names, for those who know neither: all is metadata, and a series without name is one of a space. */
export function untyped(store: Store): Store {
  const typed = (text: string) => (text.includes('|') ? text.replace('|', `|${tag},`) : `${text || nameless}|${tag}`)
  const bare = (text: string) => text.replace(`|${tag},`, '|').replace(`|${tag}`, '').replace(nameless, '')
  const rename = <B extends RowBatch>(batch: B, name: (text: string) => string): B => ({
    ...batch,
    dictionary: batch.dictionary.map(name),
  })
  return {
    ...store,
    replace({ series, ...place }, batches, options) {
      const selector = series === 'all' ? series : new Set([...series].map(typed))
      return store.replace({ ...place, series: selector }, renamed(batches), options)
      async function* renamed(all: typeof batches) {
        for await (const batch of all) yield rename(batch, typed)
      }
    },
    async *read({ glob, names, ...query }, range, options) {
      const wanted = { ...query, glob: glob === undefined ? glob : typed(glob), names: names?.map(typed) }
      for await (const batch of store.read(wanted, range, options)) yield rename(batch, bare)
    },
    normalise: (batch, granularity) => rename(store.normalise?.(rename(batch, typed), granularity) ?? batch, bare),
  }
}

const nameless = '\u0001\u0001'
