import type { Context } from './context.ts'
import { formatCount, formatTimeLeft } from './format.ts'
import { statusLine } from './status-line.ts'

/** Tells how much of a known whole is done. */
export interface ShareProgress {
  share(done: number, total: number): void
  points(count: number): void
  end(): void
}

export function showShare(context: Context, options: { quiet: boolean }): ShareProgress {
  const line = statusLine(context, options)
  let part = 0
  let points = 0
  const show = () =>
    line.show(
      (seconds) =>
        `${Math.floor(part * 100)}%  ${formatCount(points)} points  ${formatCount(points / seconds)} points/s  ${formatTimeLeft(part, seconds)}`,
    )
  return {
    share(done, total) {
      part = total > 0 ? done / total : 1
      show()
    },
    points(count) {
      points += count
      show()
    },
    end: line.end,
  }
}
