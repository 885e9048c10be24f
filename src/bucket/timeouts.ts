import { Transient } from './bucket.ts'
import type { PagedBucket } from './pages.ts'

/** Milliseconds. */
export interface Timeouts {
  /** Without a single byte. */
  readonly idle: number
  /** For one request with its whole body. */
  readonly attempt: number
}

export const defaultTimeouts: Timeouts = { idle: 60_000, attempt: 30 * 60_000 }

/** Gives up requests and bodies that stall, as {@link Transient}. */
export function timed(bucket: PagedBucket, timeouts: Timeouts = defaultTimeouts): PagedBucket {
  return {
    url: bucket.url,
    async page(options) {
      const watch = watchdog(timeouts, options.signal)
      try {
        return await bucket.page({ ...options, signal: watch.signal })
      } catch (error) {
        throw watch.verdict(error)
      } finally {
        watch.stop()
      }
    },
    async get(name, options = {}) {
      const watch = watchdog(timeouts, options.signal)
      try {
        const content = await bucket.get(name, { ...options, signal: watch.signal })
        return { ...content, bytes: watched(content.bytes, watch) }
      } catch (error) {
        watch.stop()
        throw watch.verdict(error)
      }
    },
  }
}

async function* watched(bytes: AsyncIterable<Uint8Array>, watch: Watchdog): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes) {
      watch.pause()
      yield chunk
      watch.restart()
    }
  } catch (error) {
    throw watch.verdict(error)
  } finally {
    watch.stop()
  }
}

interface Watchdog {
  readonly signal: AbortSignal
  /** The idle time is the server's: it does not run while our side is busy with a chunk. */
  pause(): void
  restart(): void
  stop(): void
  /** What an error really is: the time-out or the interruption behind it. */
  verdict(error: unknown): unknown
}

function watchdog({ idle, attempt }: Timeouts, outer?: AbortSignal): Watchdog {
  const controller = new AbortController()
  const giveUp = (ms: number, what: string) => () =>
    controller.abort(new Transient('timeout', `timed out: ${what} ${ms / 1000} s`))
  // A body that is left before its first byte hears of its end in no other way.
  const interrupt = () => {
    stop()
    controller.abort(outer?.reason)
  }
  const total = setTimeout(giveUp(attempt, 'not done within'), attempt)
  const fallSilent = giveUp(idle, 'no data for')
  const silence = setTimeout(() => (isOurTurn ? silence.refresh() : fallSilent()), idle)
  let isOurTurn = false
  const stop = () => {
    clearTimeout(total)
    clearTimeout(silence)
    outer?.removeEventListener('abort', interrupt)
  }
  outer?.addEventListener('abort', interrupt, { once: true })
  if (outer?.aborted) interrupt()
  return {
    signal: controller.signal,
    pause() {
      isOurTurn = true
    },
    restart() {
      isOurTurn = false
      silence.refresh()
    },
    stop,
    verdict: (error) => (controller.signal.aborted ? controller.signal.reason : error),
  }
}
