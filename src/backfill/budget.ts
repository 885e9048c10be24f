import { usageError } from '../util/errors.ts'

/** How many lines may be bad before a run stops: a number, or a share of all lines. */
export type ErrorBudget = { readonly lines: number } | { readonly share: number }

export const defaultBudget: ErrorBudget = { share: 0.01 }

/** A share is not judged before this many lines. */
const judgedFrom = 1_000

/** Reads `100` or `2.5%`. */
export function parseBudget(text: string): ErrorBudget {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  const value = Number(digits)
  if (digits === undefined || (percent ? value > 100 : !Number.isSafeInteger(value)))
    throw usageError(`invalid error budget: expected a number of lines such as 100, or a share such as 1%, got ${text}`)
  return percent ? { share: value / 100 } : { lines: value }
}

export const formatBudget = (budget: ErrorBudget): string =>
  'lines' in budget ? String(budget.lines) : `${budget.share * 100}%`

/** Says what is wrong once more lines are bad than the budget allows; `isEnd` tells that all lines are counted. */
export function findOverrun(
  budget: ErrorBudget,
  { lines, rejectedLines }: { lines: number; rejectedLines: number },
  isEnd: boolean,
): string | undefined {
  const isBroken =
    'lines' in budget
      ? rejectedLines > budget.lines
      : rejectedLines > budget.share * lines && (isEnd || lines >= judgedFrom)
  if (!isBroken) return undefined
  return `too many bad lines: ${rejectedLines} of ${lines}; --max-rejects allows ${formatBudget(budget)}`
}
