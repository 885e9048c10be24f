import { startThread, type Thread } from '../util/thread.ts'
import type { Md5Of } from './digest.ts'

/** Lends a thread that computes digests, since the one that moves bytes would take half its time for them. It starts when it is asked. */
export async function withDigests<T>(work: (md5Of: Md5Of) => Promise<T>): Promise<T> {
  let thread: Thread<string, string> | undefined
  const md5Of: Md5Of = (path) => {
    thread ??= startThread(new URL('./digest-worker.js', import.meta.url))
    return thread.ask(path)
  }
  try {
    return await work(md5Of)
  } finally {
    await thread?.stop()
  }
}
