import { priorityQueue } from '../util/priority-queue.ts'

/** A list of items in order of `time`, then `rank`, then `id`: these are those of its next item. */
export interface Queue {
  readonly time: number
  readonly rank: number
  readonly id: number
  /** Takes the next item away. False where that was the last. */
  next(): boolean
}

/** Yields, item after item of all queues in order, the queue whose turn it is. None is empty at the start. */
export function* inTurn<Q extends Queue>(queues: readonly Q[]): Generator<Q> {
  const waiting = priorityQueue<Q>(isBefore)
  for (const queue of queues) waiting.push(queue)
  for (let first = waiting.peek(); first; first = waiting.peek()) {
    yield first
    if (first.next()) waiting.delayFirst()
    else waiting.pop()
  }
}

function isBefore(a: Queue, b: Queue): boolean {
  if (a.time !== b.time) return a.time < b.time
  return a.rank !== b.rank ? a.rank < b.rank : a.id < b.id
}
