import type { Progress } from '../backfill/progress.ts'
import type { Context } from './context.ts'
import { formatBytes, formatCount, formatSeconds } from './format.ts'

export interface ShownProgress extends Progress {
  /** Takes the bar away. */
  end(): void
}

const barInterval = 100
const lineInterval = 5_000
const width = 24

/** Shows how far a run is: a bar where a person watches, else a line every few seconds, nothing when quiet. */
export function showProgress(context: Context, options: { quiet: boolean }): ShownProgress {
  const { stderr, env } = context.process
  const isBar = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  const startedAt = context.now()
  const total = { bytes: 0, files: 0 }
  const done = { bytes: 0, files: 0, points: 0, rows: 0 }
  let shownAt = startedAt

  const show = () => {
    const now = context.now()
    if (options.quiet || now - shownAt < (isBar ? barInterval : lineInterval)) return
    shownAt = now
    const text = describe(total, done, (now - startedAt) / 1_000)
    stderr.write(isBar ? `\r\u001b[K${bar(share(total, done))} ${text}` : `${text}\n`)
  }

  return {
    expect({ bytes, files }) {
      total.bytes += bytes
      total.files += files
      show()
    },
    advance(more) {
      for (const name of ['bytes', 'files', 'points', 'rows'] as const) done[name] += more[name] ?? 0
      show()
    },
    end() {
      if (isBar && !options.quiet) stderr.write('\r\u001b[K')
    },
  }
}

interface Amounts {
  readonly bytes: number
  readonly files: number
}

const share = (total: Amounts, done: Amounts): number => (total.bytes === 0 ? 0 : done.bytes / total.bytes)

function bar(part: number): string {
  const filled = Math.round(part * width)
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`
}

function describe(total: Amounts, done: Amounts & { points: number }, seconds: number): string {
  const part = share(total, done)
  const left = part > 0 ? (seconds / part) * (1 - part) : undefined
  return [
    `${Math.floor(part * 100)}%`,
    `${formatCount(done.files)}/${formatCount(total.files)} files`,
    ...(done.points > 0 ? [`${formatCount(done.points / seconds)} points/s`] : []),
    `${formatBytes(done.bytes / seconds)}/s`,
    left === undefined ? 'ETA ?' : `ETA ${formatSeconds(left)}`,
  ].join('  ')
}
