import { type Context, say } from './context.ts'

const redrawEvery = 250
const lineEvery = 10_000

/**
 * Shows how far a run is: one line that is drawn again and again on a terminal, a line every few seconds elsewhere, nothing when quiet.
 * @returns ends it, and clears the line
 */
export function showProgress(context: Context, quiet: boolean, describe: () => string): () => void {
  if (quiet) return () => undefined
  const { stderr, env } = context.process
  const redraws = stderr.isTTY && !env.CI && env.TERM !== 'dumb'
  if (!redraws) {
    const timer = setInterval(() => say(context, describe()), lineEvery)
    return () => clearInterval(timer)
  }
  const timer = setInterval(() => {
    stderr.write(`\r\x1b[K${describe().slice(0, (stderr.columns ?? 80) - 1)}`)
  }, redrawEvery)
  return () => {
    clearInterval(timer)
    stderr.write('\r\x1b[K')
  }
}
