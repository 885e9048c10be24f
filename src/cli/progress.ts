import { type Context, say } from './context.ts'

/** Tells how far a long command is: on a terminal in one line, else by a line every few seconds. */
export interface Progress {
  add(count: number): void
  end(): void
}

const silent: Progress = { add: () => {}, end: () => {} }

/** @param unit what is counted, such as `points` */
export function createProgress(context: Context, unit: string, isQuiet: boolean): Progress {
  if (isQuiet) return silent
  const { stderr, env } = context.process
  const isLive = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  const interval = isLive ? 200 : 5_000
  const started = context.now()
  let shown = started
  let total = 0
  const text = () => {
    const seconds = (context.now() - started) / 1_000
    return `${total.toLocaleString('en')} ${unit}, ${Math.round(total / seconds).toLocaleString('en')} a second`
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
