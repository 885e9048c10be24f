import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { parseShards } from '../../src/archive/shards.ts'
import { anyLine, line, metric, scan } from './support.ts'

vi.mock('../../src/util/wasm.ts', async () => ({ instantiate: (await import('./cramped.ts')).crampedKernel() }))

/** Lines of a few checks of a few types, each of a few shapes. */
const learnable = fc
  .record({
    check: fc.nat(5),
    type: fc.constantFrom('agent.cpu', 'remote.http', 'é'),
    shape: fc.nat(3),
    value: fc.nat(),
  })
  .map(({ check, type, shape, value }) => {
    const names = Array.from({ length: shape + 1 }, (_, i) => [`m${shape}${i}`, metric({ valueDbl: value / 8 })])
    return line({ checkId: `ch${check}`, checkType: type }, Object.fromEntries(names))
  })

it('the fast kernel gives what the general one gives where there is no room for what it would learn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 9, arbitrary: learnable }, anyLine), { maxLength: 200 }),
      fc.constantFrom('ALL', '0-63'),
      async (lines, list) => {
        const shards = parseShards(list)
        const content = lines.join('\n')
        expect(await scan(content, { kernel: 'fast', shards })).toEqual(
          await scan(content, { kernel: 'general', shards }),
        )
      },
    ),
    { numRuns: process.env.TORTURE ? 5_000 : 200 },
  )
})
