import type { Context } from './context.ts'
import { formatCount, formatTimeLeft } from './format.ts'
import { statusLine } from './status-line.ts'

/** Tells how much of a known whole is done. */
export interface ShareProgress {
  share(done: number, total: number): void
  /** So many more points, or rows. */
  count(more: number): void
  end(): void
}

export function showShare(context: Context, options: { quiet: boolean; of?: 'points' | 'rows' }): ShareProgress {
  const { of = 'points' } = options
  const line = statusLine(context, options)
  let part = 0
  let count = 0
  const show = () =>
    line.show(
      (seconds) =>
        `${Math.floor(part * 100)}%  ${formatCount(count)} ${of}  ${formatCount(count / seconds)} ${of}/s  ${formatTimeLeft(part, seconds)}`,
    )
  return {
    share(done, total) {
      part = total > 0 ? done / total : 1
      show()
    },
    count(more) {
      count += more
      show()
    },
    end: line.end,
  }
}
