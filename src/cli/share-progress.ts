import { type Context, say } from './context.ts'
import { formatCount, formatSeconds } from './format.ts'

/** Tells how much of a known whole is done: on a terminal in one line, else by a line every few seconds. */
export interface ShareProgress {
  share(done: number, total: number): void
  points(count: number): void
  end(): void
}

export function showShare(context: Context, { quiet }: { quiet: boolean }): ShareProgress {
  const { stderr, env } = context.process
  const isLive = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  const interval = isLive ? 200 : 5_000
  const startedAt = context.now()
  let shownAt = startedAt
  let part = 0
  let points = 0

  const show = () => {
    const now = context.now()
    if (quiet || now - shownAt < interval) return
    shownAt = now
    const seconds = (now - startedAt) / 1_000
    const left = part > 0 ? formatSeconds((seconds / part) * (1 - part)) : '?'
    const text = `${Math.floor(part * 100)}%  ${formatCount(points)} points  ${formatCount(points / seconds)} points/s  ETA ${left}`
    if (isLive) stderr.write(`\r\u001b[K${text}`)
    else say(context, text)
  }

  return {
    share(done, total) {
      part = total > 0 ? done / total : 1
      show()
    },
    points(count) {
      points += count
      show()
    },
    end() {
      if (isLive && !quiet) stderr.write('\r\u001b[K')
    },
  }
}
