/** Items of which always the first one is at hand. */
export interface PriorityQueue<T> {
  /** The first item, which stays; undefined where there is none. */
  peek(): T | undefined
  push(item: T): void
  /** Takes the first item out. */
  pop(): T | undefined
  /** Puts the first item, which comes later now than it did, where it belongs. */
  delayFirst(): void
}

/** A binary heap: adding and taking an item take steps logarithmic in how many there are. `isBefore` is a strict total order. */
export function priorityQueue<T>(isBefore: (a: T, b: T) => boolean): PriorityQueue<T> {
  const heap: T[] = []
  const rise = (item: T) => {
    let i = heap.length
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(item, heap[parent]); parent = (i - 1) >> 1) {
      heap[i] = heap[parent]
      i = parent
    }
    heap[i] = item
  }
  const sink = (item: T) => {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
      if (child >= heap.length || !isBefore(heap[child], item)) break
      heap[i] = heap[child]
      i = child
    }
    heap[i] = item
  }
  return {
    peek: () => heap[0],
    push: rise,
    pop() {
      const first = heap[0]
      const last = heap.pop()
      if (heap.length > 0) sink(last as T)
      return first
    },
    delayFirst() {
      if (heap.length > 0) sink(heap[0])
    },
  }
}
