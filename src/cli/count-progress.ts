import type { Context } from './context.ts'
import { formatCount } from './format.ts'
import { statusLine } from './status-line.ts'

/** Tells how much a command without a known end has done. */
export interface CountProgress {
  add(count: number): void
  end(): void
}

/** @param options.unit what is counted, such as `points` */
export function showCount(context: Context, { unit, quiet }: { unit: string; quiet: boolean }): CountProgress {
  const line = statusLine(context, { quiet })
  let total = 0
  return {
    add(count) {
      total += count
      line.show((seconds) => `${formatCount(total)} ${unit}, ${formatCount(total / seconds)} a second`)
    },
    end: line.end,
  }
}
