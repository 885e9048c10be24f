import { expect, it } from 'vitest'
import { type Context, printPieces } from '../../src/cli/context.ts'

it('pieces of a long result are written no faster than they are read', async () => {
  const written: string[] = []
  let drain: (() => void) | undefined
  const stdout = {
    write: (text: string) => written.push(text) % 2 === 1,
    once: (_event: 'drain', listener: () => void) => {
      drain = listener
    },
  }
  const context = { process: { stdout } } as unknown as Context
  const printed = printPieces(context, ['a', 'b', 'c'])
  await Promise.resolve()
  expect(written).toEqual(['a', 'b'])
  drain?.()
  await printed
  expect(written).toEqual(['a', 'b', 'c'])
})
