import { type Context, say } from './context.ts'
import { formatCount } from './format.ts'

/** Tells how much a command without a known end has done: on a terminal in one line, else by a line every few seconds. */
export interface CountProgress {
  add(count: number): void
  end(): void
}

const silent: CountProgress = { add: () => {}, end: () => {} }

/** @param options.unit what is counted, such as `points` */
export function showCount(context: Context, { unit, quiet }: { unit: string; quiet: boolean }): CountProgress {
  if (quiet) return silent
  const { stderr, env } = context.process
  const isLive = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  const interval = isLive ? 200 : 5_000
  const started = context.now()
  let shown = started
  let total = 0
  const text = () => {
    const seconds = (context.now() - started) / 1_000
    return `${formatCount(total)} ${unit}, ${formatCount(total / seconds)} a second`
  }
  return {
    add(count) {
      total += count
      if (context.now() - shown < interval) return
      shown = context.now()
      if (isLive) stderr.write(`\r${text()}\u001b[K`)
      else say(context, text())
    },
    end() {
      if (isLive && shown > started) stderr.write('\r\u001b[K')
    },
  }
}
