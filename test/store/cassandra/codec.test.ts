import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kind, type PointBatch } from '../../../src/metric/points.ts'
import { allocateRollups, type RollupBatch } from '../../../src/metric/rollups.ts'
import { coarsen } from '../../../src/rollup/coarsen.ts'
import { rollupDecoder, rollupEncoder } from '../../../src/store/cassandra/rollup-codec.ts'
import { decodeValue, valueEncoder } from '../../../src/store/cassandra/value-codec.ts'
import { min20, min60 } from '../../../src/time/granularity.ts'
import { coarsenGroups, rollUp, summaryOf } from '../../rollup/support.ts'
import { fromPoints, fromRollups, type JavaNumber, rollupHex, stored, valueHex } from './literal.ts'

type Points = readonly JavaNumber[]

const encode = (batch: RollupBatch, row = 0): string => rollupEncoder(batch)(row).toString('hex')

function decode(hex: string): RollupBatch {
  const batch = allocateRollups(1, ['s'])
  rollupDecoder(batch)(Buffer.from(hex, 'hex'), 0)
  return batch
}

const encodePoint = (value: JavaNumber, kind: Kind): string => valueEncoder(pointOf(value, kind))(0).toString('hex')

const pointOf = (value: JavaNumber, kind: Kind): PointBatch => ({
  input: 'test',
  length: 1,
  dictionary: ['s'],
  series: new Uint32Array(1),
  time: new Float64Array(1),
  value: Float64Array.of(Number(value)),
  kind: Uint8Array.of(kind),
  ...(!Number.isSafeInteger(Number(value)) && kind !== Kind.double && { wide: BigInt64Array.of(BigInt(value)) }),
})

const letters = { i: Kind.int32, l: Kind.int64, n: Kind.double } as const
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe('a value of full resolution', () => {
  it.each<[JavaNumber, keyof typeof letters, string]>([
    [0, 'i', '006900'],
    [1, 'i', '006901'],
    [127, 'i', '00697f'],
    [128, 'i', '00698001'],
    [300, 'i', '0069ac02'],
    [-1, 'i', '0069ffffffff0f'],
    [2 ** 31 - 1, 'i', '0069ffffffff07'],
    [-(2 ** 31), 'i', '00698080808008'],
    [0n, 'l', '006c00'],
    [1n, 'l', '006c01'],
    [-1n, 'l', '006cffffffffffffffffff01'],
    [2n ** 53n + 1n, 'l', '006c8180808080808010'],
    [2n ** 63n - 1n, 'l', '006cffffffffffffffff7f'],
    [-(2n ** 63n), 'l', '006c80808080808080808001'],
    [1, 'n', '006e000000000000f03f'],
    [0.1, 'n', '006e9a9999999999b93f'],
    [-273.15, 'n', '006e66666666661271c0'],
    [-0, 'n', '006e0000000000000080'],
    [Number.NaN, 'n', '006e000000000000f87f'],
    [Number.POSITIVE_INFINITY, 'n', '006e000000000000f07f'],
    [1.5, 'n', '006e000000000000f83f'],
    [Buffer.from('d07b630800804e40', 'hex').readDoubleLE(), 'n', '006ed07b630800804e40'],
  ])('%s of kind %s is %s, and is read so', (value, letter, hex) => {
    expect(encodePoint(value, letters[letter])).toBe(hex)
    expect(valueHex(value, letter)).toBe(hex)
    const read = decodeValue(Buffer.from(hex, 'hex'))
    expect(read.kind).toBe(letters[letter])
    expect(letter === 'l' ? BigInt(read.value) : read.value).toBe(value)
  })

  it('is written as the literal specification writes it, and comes back', () => {
    const values = fc.oneof(
      fc.record({ letter: fc.constant('i' as const), value: fc.integer() }),
      fc.record({ letter: fc.constant('l' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
      fc.record({ letter: fc.constant('n' as const), value: fc.double() }),
    )
    const check = ({ letter, value }: { letter: keyof typeof letters; value: JavaNumber }) => {
      const hex = encodePoint(value, letters[letter])
      expect(hex).toBe(valueHex(value, letter))
      const read = decodeValue(Buffer.from(`${hex}00`, 'hex'))
      expect(letter === 'l' ? BigInt(read.value) : read.value).toBe(value)
    }
    fc.assert(fc.property(values, check), { numRuns: 2_000 })
  })

  it.each([
    ['', 'truncated after 0 bytes'],
    ['006e00', 'truncated after 3 bytes'],
    ['006c80', 'truncated after 3 bytes'],
    ['02690f', 'a value of version 2: version 0 is known'],
    ['00730161', 'an unknown kind of value 0x73'],
    ['006cffffffffffffffffffffff01', 'an integer of more than ten bytes'],
  ])('is refused where its bytes are %s', (hex, message) => {
    expect(() => decodeValue(Buffer.from(hex, 'hex'))).toThrow(message)
  })
})

const fromPointVectors: [name: string, Points, hex: string][] = [
  ['long 42', [42n], '0101006c2a016e0000000000000000026c2a036c2a0000000000004540'],
  [
    'double 42.5',
    [42.5],
    '0101006e0000000000404540016e0000000000000000026e0000000000404540036e00000000004045400000000000404540',
  ],
  [
    'doubles 0..9',
    count(10),
    '010a006e0000000000001240016e0000000000802040026e0000000000000000036e00000000000022400000000000804640',
  ],
  ['longs 0..9', count(10).map(BigInt), '010a006c04016e0000000000802040026c00036c090000000000804640'],
  ['longs 2,4,4', [2n, 4n, 4n], '0103006c03016e1cc7711cc771ec3f026c02036c040000000000002440'],
  ['ints 10..50', [10n, 20n, 30n, 40n, 50n], '0105006c1e016e0000000000006940026c0a036c320000000000c06240'],
  [
    'long 1, double 2.5',
    [1n, 2.5],
    '0102006e000000000000f43f016e000000000000e23f026c01036e00000000000004400000000000000c40',
  ],
  ['double 2.5, long 1', [2.5, 1n], '0102006c00016e000000000000e23f026c01036e00000000000004400000000000000c40'],
]

const fromRollupVectors: [name: string, Points[], hex: string][] = [
  [
    '{10},{10,20},{10,20,30}',
    [[10n], [10n, 20n], [10n, 20n, 30n]],
    '0106006c10016e731cc7711cc74b40026c0a036c1e0000000000005940',
  ],
  [
    '{1,2,3.0},{10.0},{4.5,5.5}',
    [[1, 2, 3], [10], [4.5, 5.5]],
    '0106006e5655555555551140016e721cc7711c472140026e000000000000f03f036e00000000000024400000000000003a40',
  ],
  [
    '{1,2,3},{4,5,6},{7,8,9},{10,11,13}',
    [
      [1n, 2n, 3n],
      [4n, 5n, 6n],
      [7n, 8n, 9n],
      [10n, 11n, 13n],
    ],
    '010c006c06016e711cc7711c472840026c01036c0d0000000000c05340',
  ],
]

describe('a BasicRollup', () => {
  it.each(fromPointVectors)('of %s is as Blueflood writes it, and comes back', (_name, points, hex) => {
    expect(encode(rollUp([points], 'blueflood'))).toBe(hex)
    expect(rollupHex(fromPoints(points))).toBe(hex)
    expect(encode(decode(hex))).toBe(hex)
    expect(summaryOf(decode(hex))).toEqual(summaryOf(rollUp([points], 'blueflood')))
  })

  it.each(fromRollupVectors)('of the rollups %s is as Blueflood writes it', (_name, groups, hex) => {
    expect(encode(coarsen(rollUp(groups, 'blueflood'), min20, 'blueflood'))).toBe(hex)
    expect(rollupHex(fromRollups(groups.map((points) => stored(fromPoints(points)))))).toBe(hex)
    expect(encode(decode(hex))).toBe(hex)
    expect(summaryOf(decode(hex))).toEqual(coarsenGroups(groups, 'blueflood'))
  })

  it('that counts nothing is ten bytes, and is read as integers of 0', () => {
    expect(encode(allocateRollups(1, ['s']))).toBe('01000000000000000000')
    const empty = decode('01000000000000000000')
    expect(summaryOf(empty)).toEqual({ count: 0, sum: 0, mean: 0, variance: 0, min: 0n, max: 0n, average: 0n })
    expect(summaryOf(decode('0000'))).toEqual(summaryOf(empty))
  })

  it('of version 1 is read without a sum', () => {
    for (const [, points, hex] of fromPointVectors) {
      const older = `00${hex.slice(2, -16)}`
      expect(older).toBe(rollupHex(fromPoints(points), 1))
      expect(summaryOf(decode(older))).toEqual({ ...summaryOf(rollUp([points], 'blueflood')), sum: 0 })
    }
  })

  it('is read in any order of its statistics, with a variance as an integer, and whatever follows', () => {
    const shuffled = '0101036c2a026c2a016c05006c2a0000000000004540ffff'
    expect(summaryOf(decode(shuffled))).toEqual(summaryOf(rollUp([[42n]], 'blueflood')))
  })

  it.each([
    ['', 'truncated after 0 bytes'],
    ['0100', 'truncated after 2 bytes'],
    ['02', 'a rollup of version 2: versions 0 and 1 are known'],
    ['0101046c2a', 'an unknown statistic 0x04'],
    ['010100732a', 'an unknown kind of number 0x73 in a rollup'],
    ['0101006c2a016e00', 'truncated after 8 bytes'],
  ])('is refused where its bytes are %s', (hex, message) => {
    expect(() => decode(hex)).toThrow(message)
  })

  const wide = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const small = fc.integer({ min: -1_000, max: 1_000 })
  const value = fc.oneof(
    small.map(BigInt),
    small.map((whole) => whole / 8),
    wide,
    fc.double(),
    fc.constantFrom<JavaNumber>(-0, 0, 0n, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  )
  const points = fc.oneof(
    fc.array(value, { minLength: 1, maxLength: 12 }),
    fc.array(small.map(BigInt), { minLength: 1, maxLength: 12 }),
    fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 12 }),
  )

  it('of any points is, bit by bit, what the literal specification makes of them', () => {
    const check = (all: Points) => {
      expect(encode(rollUp([all], 'blueflood'))).toBe(rollupHex(fromPoints(all)))
    }
    fc.assert(fc.property(points, check), { numRuns: 3_000 })
  })

  it('of any rollups is, bit by bit, what the literal specification makes of them, level by level', () => {
    const check = (groups: Points[]) => {
      const finest = rollUp(groups, 'blueflood')
      const coarse = coarsen(coarsen(finest, min20, 'blueflood'), min60, 'blueflood')
      const literal = groups.map((group) => stored(fromPoints(group)))
      const fours = [literal.slice(0, 4), literal.slice(4, 8), literal.slice(8)].filter((four) => four.length > 0)
      expect(encode(coarse)).toBe(rollupHex(fromRollups(fours.map((four) => stored(fromRollups(four))))))
    }
    fc.assert(fc.property(fc.array(points, { minLength: 1, maxLength: 12 }), check), { numRuns: 1_000 })
  })

  it('comes back from its bytes as it was, its integers exactly', () => {
    const check = (all: Points) => {
      const batch = rollUp([all], 'blueflood')
      const back = decode(encode(batch))
      expect(summaryOf(back)).toEqual(summaryOf(batch))
      expect(back.integer).toEqual(batch.integer)
    }
    fc.assert(fc.property(points, check), { numRuns: 1_000 })
  })
})
