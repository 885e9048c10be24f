import { z } from 'zod'
import { usageError } from '../../util/errors.ts'
import { type SearchClient, shaped } from './client.ts'

/** What is to be read of an index. */
export interface IndexQuery {
  readonly index: string
  readonly timeField: string
  /** The field of the value of each metric, by the metric's name. */
  readonly valueFields: Readonly<Record<string, string>>
  /** Fields whose values become tags. */
  readonly by: readonly string[]
  /** In the language of `query_string`. */
  readonly query?: string
}

const capabilities = z.object({
  fields: z.record(
    z.string(),
    z.record(z.string(), z.object({ aggregatable: z.boolean().default(true), searchable: z.boolean().default(true) })),
  ),
})

const integerTypes = ['long', 'integer', 'short', 'byte']

/**
 * Looks at the fields that a query names.
 * @returns those whose values are integers
 * @throws a usage error where one is missing, or is a text, which cannot be summed or sorted
 */
export async function checkFields(client: SearchClient, query: IndexQuery, signal?: AbortSignal): Promise<Set<string>> {
  const values = Object.values(query.valueFields)
  const names = [...new Set([query.timeField, ...values, ...query.by])]
  const path = `/_field_caps?fields=${names.map(encodeURIComponent).join(',')}&allow_no_indices=false`
  const { fields } = shaped(capabilities, await client.post(path, undefined, signal))
  for (const name of names) requireUsable(query.index, name, fields[name])
  return new Set(values.filter((name) => typesOf(fields[name]).every((type) => integerTypes.includes(type))))
}

type Capabilities = z.output<typeof capabilities>['fields'][string]

/** An index of a pattern may be without the field. */
const typesOf = (found: Capabilities = {}): string[] => Object.keys(found).filter((type) => type !== 'unmapped')

function requireUsable(index: string, name: string, found: Capabilities | undefined): void {
  const types = typesOf(found)
  if (types.length === 0)
    throw usageError(`no field ${name} in ${index}`, 'check the metric, value_field, time_field and by')
  const text = types.find((type) => !found?.[type]?.aggregatable)
  if (text !== undefined)
    throw usageError(
      `field ${name} of ${index} is ${text}, which cannot be grouped`,
      `${name}.keyword may be what is meant`,
    )
}

/** The documents of a time that have any of the values. */
export const filterOf = ({ timeField, valueFields, query }: IndexQuery, start: number, end: number): object => ({
  bool: {
    filter: [
      { range: { [timeField]: { gte: start, lt: end, format: 'epoch_millis' } } },
      {
        bool: {
          should: Object.values(valueFields).map((field) => ({ exists: { field } })),
          minimum_should_match: 1,
        },
      },
      ...(query === undefined ? [] : [{ query_string: { query } }]),
    ],
  },
})
