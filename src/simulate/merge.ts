/** A list of items in order of `time`, then `rank`, then `id`: these are those of its next item. */
export interface Queue {
  readonly time: number
  readonly rank: number
  readonly id: number
  /** Takes the next item away. False where that was the last. */
  next(): boolean
}

/** Yields, item after item of all queues in order, the queue whose turn it is, from a heap of the queues. None is empty at the start. */
export function* inTurn<Q extends Queue>(queues: readonly Q[]): Generator<Q> {
  const heap = [...queues]
  for (let i = heap.length >> 1; i >= 0; i--) sink(heap, i)
  while (heap.length > 0) {
    yield heap[0]
    if (!heap[0].next()) {
      const last = heap.pop() as Q
      if (heap.length === 0) return
      heap[0] = last
    }
    sink(heap, 0)
  }
}

function sink(heap: Queue[], from: number): void {
  const queue = heap[from]
  if (!queue) return
  let i = from
  for (;;) {
    let child = 2 * i + 1
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
    if (child >= heap.length || !isBefore(heap[child], queue)) break
    heap[i] = heap[child]
    i = child
  }
  heap[i] = queue
}

function isBefore(a: Queue, b: Queue): boolean {
  if (a.time !== b.time) return a.time < b.time
  return a.rank !== b.rank ? a.rank < b.rank : a.id < b.id
}
