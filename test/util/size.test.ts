import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, parseSize } from '../../src/util/size.ts'

describe('sizes', () => {
  it('are read in bytes, decimal and binary units, as rates too', () => {
    const sizes = ['600000', '1B', '20MB/s', '50GB', '1.5 GiB', '2k', '3 TiB'].map(parseSize)
    expect(sizes).toEqual([600_000, 1, 20e6, 50e9, 1.5 * 2 ** 30, 2000, 3 * 2 ** 40])
  })

  it.each(['', '0', '-1', 'GB', '1XB', '1 000', '1e3'])('are refused where they are none: %j', (text) => {
    expect(() => parseSize(text)).toThrow('invalid size')
  })

  it('are written so that they are read back with a decimal', () => {
    expect([0, 999, 1000, 1_234_567, 5e13].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.2 MB', '50.0 TB'])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e15 }), (bytes) => {
        expect(Math.abs(parseSize(formatBytes(bytes)) - bytes)).toBeLessThanOrEqual(bytes * 0.051)
      }),
    )
  })
})
