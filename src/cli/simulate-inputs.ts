import type { Source } from '../source/source.ts'
import { usageError } from '../util/errors.ts'
import type { Context } from './context.ts'
import type { SimulateFlags } from './simulate-flags.ts'

/** The sources that the flags name, metrics files first; of a metric that several have the last is taken. */
export async function openInputs(
  context: Context,
  { metricsDataFiles = [], from = [] }: SimulateFlags,
): Promise<Source[]> {
  if (metricsDataFiles.length === 0 && from.length === 0)
    throw usageError('no input: expected --metrics-data-files with at least one metrics file, or --from with a store')
  const { metricsFileSource } = await import('../source/metrics-file-source.ts')
  const files = metricsDataFiles.map((file) => metricsFileSource(file, { reject: rejectValue(file) }))
  return [...files, ...(await openStores(context, from))]
}

const rejectValue = (file: string) => (metric: { readonly name: string }, problem: string) => {
  throw usageError(`invalid value: ${problem} in ${metric.name} of ${file}`)
}

async function openStores({ process, stdin, now }: Context, locations: readonly string[]): Promise<Source[]> {
  if (locations.length === 0) return []
  const [{ openSource }, { caller }] = await Promise.all([
    import('../source/registry.ts'),
    import('../bucket/caller.ts'),
  ])
  const context = { env: process.env, caller: caller(), stdin, now }
  return Promise.all(locations.map(async (location) => (await openSource(location, [], context)).source))
}
