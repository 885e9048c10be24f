/** A queue whose one reader waits while it is empty. */
export interface Inbox<T> {
  put(item: T): void
  /** Ends it: once it is empty, its reader gets this error. */
  fail(error: unknown): void
  /** The next item. */
  take(): Promise<T>
}

export function inbox<T>(): Inbox<T> {
  const items: T[] = []
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}

  return {
    put(item) {
      items.push(item)
      wake()
    },
    fail(error) {
      failure ??= { error }
      wake()
    },
    async take() {
      while (items.length === 0 && !failure) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (items.length > 0) return items.shift() as T
      throw failure?.error
    },
  }
}
