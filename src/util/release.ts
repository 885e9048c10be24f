import { MessageChannel } from 'node:worker_threads'

const { port1: nowhere, port2 } = new MessageChannel()
port2.close()

/**
 * Gives back the memory of an array that is all of its buffer, which is not to be used any more. Large buffers that come and go quickly
 * else make the garbage collector look through all memory again and again.
 */
export function release({ buffer, byteLength }: ArrayBufferView): void {
  if (byteLength === buffer.byteLength) nowhere.postMessage(buffer, [buffer as ArrayBuffer])
}
