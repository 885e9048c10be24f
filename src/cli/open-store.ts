import { caller } from '../bucket/caller.ts'
import type { Source } from '../source/source.ts'
import type { Context } from './context.ts'

/** Opens a store by its path or URL, to read its points. */
export async function openStore(context: Context, location: string): Promise<Source> {
  const { openSource } = await import('../source/registry.ts')
  const { env } = context.process
  const { source } = await openSource(location, [], { env, caller: caller(), stdin: context.stdin, now: context.now })
  return source
}
