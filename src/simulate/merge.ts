/** Something that yields its items one by one; `peek` is undefined at the end. */
export interface Stream<T> {
  peek(): T | undefined
  next(): void
}

/** The items of sorted streams in order, from a heap of the streams by their first item. */
export function* mergeSorted<T>(streams: readonly Stream<T>[], compare: (a: T, b: T) => number): Generator<T> {
  const heap = streams.filter((stream) => stream.peek() !== undefined)
  const before = (i: number, j: number) => compare(heap[i].peek() as T, heap[j].peek() as T) < 0
  const swap = (i: number, j: number) => {
    const stream = heap[i]
    heap[i] = heap[j]
    heap[j] = stream
  }
  const sink = (from: number) => {
    for (let i = from; ; ) {
      let first = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(child, first)) first = child
      if (first === i) return
      swap(i, first)
      i = first
    }
  }
  for (let i = heap.length >> 1; i >= 0; i--) sink(i)
  while (heap.length > 0) {
    yield heap[0].peek() as T
    heap[0].next()
    if (heap[0].peek() === undefined) {
      const last = heap.pop() as Stream<T>
      if (heap.length === 0) return
      heap[0] = last
    }
    sink(0)
  }
}
