import { parentPort, Worker } from 'node:worker_threads'

/** A thread that is asked and answers; requests need not be answered in their order. */
export interface Thread<Request, Result> {
  /** How many requests have no answer yet. */
  readonly waiting: number
  ask(request: Request): Promise<Result>
  /** Ends it at once; what was asked is never answered. */
  stop(): Promise<unknown>
}

interface Asked<Request> {
  readonly id: number
  readonly request: Request
}

interface Reply<Result> {
  readonly id: number
  readonly result?: Result
  readonly error?: unknown
}

/** @param url of a module that calls {@link answerRequests} */
export function startThread<Request, Result>(url: URL): Thread<Request, Result> {
  const worker = new Worker(url)
  const waiting = new Map<number, { resolve(result: Result): void; reject(error: unknown): void }>()
  let asked = 0
  let death: { readonly error: unknown } | undefined
  worker.on('message', ({ id, result, error }: Reply<Result>) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(result as Result)
    else one?.reject(error)
  })
  worker.on('error', (error) => {
    death = { error }
    for (const { reject } of waiting.values()) reject(error)
  })
  return {
    get waiting() {
      return waiting.size
    },
    ask: (request) =>
      new Promise((resolve, reject) => {
        // Nobody else would answer.
        if (death) return reject(death.error)
        const id = asked++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, request } satisfies Asked<Request>)
      }),
    stop: () => worker.terminate(),
  }
}

/** The other side, in the thread. */
export function answerRequests<Request, Result>(answer: (request: Request) => Promise<Result>): void {
  parentPort?.on('message', async ({ id, request }: Asked<Request>) => {
    const reply = (message: Reply<Result>) => parentPort?.postMessage(message)
    try {
      reply({ id, result: await answer(request) })
    } catch (error) {
      reply({ id, error })
    }
  })
}
