import { ExitCode, UserError } from '../util/errors.ts'

/**
 * What becomes of points whose slot has closed: `reroll` makes their chunk again at the end of the run, `drop` keeps them in the rejects
 * file, `abort` drops up to `maxLate` lines and stops at the next one.
 */
export type LatePolicy = { readonly kind: 'reroll' | 'drop' } | { readonly kind: 'abort'; readonly maxLate: number }

/** Counts late lines, and stops an aborting run at the line after the last that is tolerated. */
export function createLateGuard(policy: LatePolicy): (lines: number, where: string) => void {
  let late = 0
  return (lines, where) => {
    late += lines
    if (policy.kind !== 'abort' || late <= policy.maxLate) return
    throw new UserError(
      `too many late lines: ${late} so far, the last in ${where}; --max-late tolerates ${policy.maxLate}`,
      {
        exitCode: ExitCode.incomplete,
        hint: 'raise --max-late or --buffered-slots, or use --late reroll',
      },
    )
  }
}
