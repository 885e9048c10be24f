import { caller } from '../bucket/caller.ts'
import type { Source } from '../source/source.ts'
import { usageError } from '../util/errors.ts'
import type { Context } from './context.ts'

/**
 * Opens a store by its path or URL, to read its points.
 * @throws a usage error where it is none
 */
export async function openStore(context: Context, location: string): Promise<Source> {
  const { namesStore, openSource } = await import('../source/registry.ts')
  if (!(await namesStore(location)))
    throw usageError(`not a store: ${location}`, 'name a lake, a metrics file, cassandra://… or dynamodb://…')
  const { env } = context.process
  const { source } = await openSource(location, [], { env, caller: caller(), stdin: context.stdin, now: context.now })
  return source
}
