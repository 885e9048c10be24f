import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBlocks, createUnloader, type LineColumns } from '../../src/source/archive/blocks.ts'

const sizes = fc.record({ lines: fc.nat(40), values: fc.nat(200), isWide: fc.boolean() })
type Size = typeof sizes extends fc.Arbitrary<infer Value> ? Value : never

const word = 2 ** 32

/** Columns whose every element says where it stands. */
const columns = ({ lines, values, isWide }: Size, seed: number): LineColumns => ({
  family: Uint32Array.from({ length: lines }, (_, i) => word - 1 - i - seed),
  time: Float64Array.from({ length: lines }, (_, i) => i + seed + 0.25),
  line: Uint32Array.from({ length: lines }, (_, i) => 2 * i + seed),
  first: Uint32Array.from({ length: lines + 1 }, (_, i) => 3 * i + seed),
  value: Float64Array.from({ length: values }, (_, i) => -i / 3 - seed),
  kind: Uint8Array.from({ length: values }, (_, i) => (i + seed) % 3),
  ...(isWide && { wide: BigInt64Array.from({ length: values }, (_, i) => -(2n ** 62n) + BigInt(i + seed)) }),
})

test('columns come out of a block as they went in, whatever was in it before, and whichever block is given back first', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(sizes, fc.nat(100)), { maxLength: 40 }), (steps) => {
      const [blocks, unload] = [createBlocks(), createUnloader()]
      const inUse: { block: number; arrived: LineColumns; sent: LineColumns }[] = []
      for (const [seed, [size, choice]] of steps.entries()) {
        const sent = columns(size, seed)
        const shipment = blocks.load(sent)
        inUse.push({ block: shipment.block, arrived: unload(structuredClone(shipment)), sent })
        for (const each of inUse) expect(each.arrived).toEqual(each.sent)
        if (choice % 2 === 0) blocks.free(inUse.splice(choice % inUse.length, 1)[0].block)
      }
    }),
  )
})

test('there are as many blocks as have been in use at once, and a block is sent along only while it is new', () => {
  const blocks = createBlocks()
  const size = { lines: 3, values: 9, isWide: false }
  const first = blocks.load(columns(size, 1))
  const second = blocks.load(columns(size, 2))
  expect([first.block, second.block]).toEqual([0, 1])
  expect(first.memory?.byteLength).toBeGreaterThan(0)
  for (const { block } of [first, second]) blocks.free(block)
  const again = [blocks.load(columns(size, 3)), blocks.load(columns(size, 4))]
  expect(again.map(({ block }) => block).sort()).toEqual([0, 1])
  expect(again.map(({ memory }) => memory)).toEqual([undefined, undefined])
  blocks.free(0)
  const larger = blocks.load(columns({ lines: 300, values: 900, isWide: true }, 5))
  expect(larger.block).toBe(0)
  expect(larger.memory?.byteLength).toBeGreaterThan(900 * 17)
})
