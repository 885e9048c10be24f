import { inbox } from './inbox.ts'

/**
 * The same items, up to `room` of which are made before they are asked for; that begins at once. A failure is met behind the items that
 * came before it.
 */
export function ahead<T>(items: AsyncIterable<T>, room: number): AsyncGenerator<T, void> {
  const made = inbox<{ readonly item: T } | 'end'>()
  let waiting = 0
  let isLeft = false
  let wake = () => {}
  const roomMade = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const make = async () => {
    for await (const item of items) {
      made.put({ item })
      waiting++
      while (waiting >= room && !isLeft) await roomMade()
      if (isLeft) return
    }
    made.put('end')
  }
  async function* take(): AsyncGenerator<T, void> {
    try {
      for (let next = await made.take(); next !== 'end'; next = await made.take()) {
        waiting--
        wake()
        yield next.item
      }
    } finally {
      isLeft = true
      wake()
    }
  }
  make().catch(made.fail)
  return take()
}
