import { type Context, say } from './context.ts'

/** How far a command is, in words: on a terminal one line that is written over, else a new line every few seconds. */
export interface StatusLine {
  /** Where it is time to, shows what `describe` makes of the seconds since the start. */
  show(describe: (seconds: number) => string): void
  /** Takes the line away from a terminal. */
  end(): void
  /** Whether a person watches. */
  readonly isLive: boolean
}

const liveInterval = 200
const lineInterval = 5_000
const eraseLine = '\r\u001b[K'

/** @param options.quiet whether nothing at all is shown */
export function statusLine(context: Context, { quiet }: { quiet: boolean }): StatusLine {
  const { stderr, env } = context.process
  const isLive = stderr.isTTY === true && !env.CI && env.TERM !== 'dumb'
  const startedAt = context.now()
  let shownAt = startedAt
  return {
    isLive,
    show(describe) {
      const now = context.now()
      if (quiet || now - shownAt < (isLive ? liveInterval : lineInterval)) return
      shownAt = now
      const text = describe((now - startedAt) / 1_000)
      if (isLive) stderr.write(`${eraseLine}${text}`)
      else say(context, text)
    },
    end() {
      if (isLive && shownAt > startedAt) stderr.write(eraseLine)
    },
  }
}
