import { createInterface } from 'node:readline/promises'
import type { Context } from './context.ts'

/** Asks a question that only `y` or `yes` agrees to. Without a terminal nobody is asked, and nobody agrees. */
export async function confirm(context: Context, question: string): Promise<boolean> {
  if (!context.stdin.isTTY) return false
  context.process.stderr.write(`${question} [y/N] `)
  const lines = createInterface({ input: context.stdin, signal: context.signal })
  try {
    const { value } = await lines[Symbol.asyncIterator]().next()
    return /^y(es)?$/i.test(String(value ?? '').trim())
  } finally {
    lines.close()
  }
}
