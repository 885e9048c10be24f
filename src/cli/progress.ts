import type { Progress } from '../backfill/progress.ts'
import type { Context } from './context.ts'
import { formatBytes, formatCount, formatTimeLeft } from './format.ts'
import { statusLine } from './status-line.ts'

export interface ShownProgress extends Progress {
  /** Takes the bar away. */
  end(): void
}

const width = 24

/** Shows how much of its files a run has read, with a bar where a person watches. */
export function showProgress(context: Context, options: { quiet: boolean }): ShownProgress {
  const line = statusLine(context, options)
  const total = { bytes: 0, files: 0 }
  const done = { bytes: 0, files: 0, points: 0, rows: 0 }
  const show = () =>
    line.show((seconds) => `${line.isLive ? `${bar(share(total, done))} ` : ''}${describe(total, done, seconds)}`)
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
    end: line.end,
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
  return [
    `${Math.floor(part * 100)}%`,
    `${formatCount(done.files)}/${formatCount(total.files)} files`,
    ...(done.points > 0 ? [`${formatCount(done.points / seconds)} points/s`] : []),
    `${formatBytes(done.bytes / seconds)}/s`,
    formatTimeLeft(part, seconds),
  ].join('  ')
}
