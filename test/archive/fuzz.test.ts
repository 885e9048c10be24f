import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyStrange, scanStrange } from './strange.ts'

const seconds = process.env.TORTURE ? 600 : 3
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

it(`both kernels give the same batches for ${seconds} s of strange files`, {
  timeout: 2_000 * seconds + 60_000,
}, async () => {
  let lines = 0
  const sameBatches = fc.asyncProperty(anyStrange, async (files) => {
    const [fast, general] = [await scanStrange(files, 'fast'), await scanStrange(files, 'general')]
    if (!isDeepStrictEqual(fast, general)) expect(fast).toEqual(general)
    lines += fast.reduce((sum, { counts }) => sum + counts.lines, 0)
  })
  // Cases are large: one that fails is reported as it is, to be found again by its seed.
  const options = { seed, numRuns: 2 ** 31, interruptAfterTimeLimit: 1_000 * seconds, endOnFailure: true }
  const { numRuns, failed, errorInstance } = await fc.check(sameBatches, options)
  console.log(`FUZZ_SEED=${seed}: ${numRuns} cases of two files, ${lines} lines`)
  if (failed) throw new Error(`FUZZ_SEED=${seed} finds a difference in case ${numRuns}`, { cause: errorInstance })
})
