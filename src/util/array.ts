/** All items, in order: what `Array.fromAsync` gives since Node 22. */
export async function arrayOf<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
