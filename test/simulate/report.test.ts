import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DataKey, dataKeys } from '../../src/simulate/data.ts'
import { constant, type Piecewise, piecewise } from '../../src/simulate/piecewise.ts'
import { localDays } from '../../src/simulate/report/calendar.ts'
import { figuresOf } from '../../src/simulate/report/figures.ts'
import { dollars, vcpus } from '../../src/simulate/report/format.ts'
import { pageOf } from '../../src/simulate/report/page.ts'
import { drawReport } from '../../src/simulate/report/picture.ts'
import { pngOf } from '../../src/simulate/report/png.ts'
import { quantile } from '../../src/simulate/report/statistics.ts'
import type { Functions, Simulation } from '../../src/simulate/simulation.ts'
import { day, hour, minute } from '../../src/time/range.ts'

const start = Date.parse('2017-12-01T16:00:00Z')
const nothing = constant(0)

function simulation(length: number, functions: Partial<Functions>, from = start): Simulation {
  const empty = { instances: nothing, rented: nothing, joined: nothing, allocated: nothing }
  const rest = { cost: nothing, memory: nothing, disk: nothing, gpus: nothing }
  return {
    name: 'a < b',
    cluster: { cluster: 'c', pool: 'p', scheduler: 'mesos' },
    range: { start: from, end: from + length },
    functions: { ...empty, ...rest, ...functions },
    notes: [],
  }
}

/** A value for each of some steps, waving about 20. */
const wave = (count: number, step: number): Piecewise =>
  piecewise(Array.from({ length: count }, (_, i) => [start + i * step, 20 + Math.round(10 * Math.sin(i / 3))] as const))

const rectangles = (svg: string): number => svg.split('<rect').length - 1

describe('a picture', () => {
  const cases: [name: string, key: DataKey, simulation: Simulation][] = [
    ['ten-minutes', 'cpus', simulation(10 * minute, { joined: wave(10, minute) })],
    ['three-days', 'cost', simulation(3 * day, { cost: wave(72, hour) })],
    ['constant', 'cpus', simulation(hour, { joined: constant(8) })],
    ['negative', 'unused_cpus', simulation(hour, { rented: constant(8), allocated: wave(60, minute) })],
    ['one-point', 'cpus_allocated', simulation(30_000, { joined: constant(8), allocated: constant(9) })],
    [
      'rare',
      'oversubscribed',
      simulation(day, {
        rented: constant(8),
        allocated: piecewise([
          [start + hour, 10],
          [start + 1.5 * hour, 6],
        ]),
      }),
    ],
    ['empty', 'cost_per_cpu', simulation(hour, {})],
  ]

  it.each(cases)('of the case %s is as it was looked at', async (name, key, drawn) => {
    const svg = drawReport(key, drawn, 'UTC')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    await expect(svg).toMatchFileSnapshot(join(import.meta.dirname, '../golden/simulate', `${name}.svg`))
  })

  it('has at most 20,000 marks for a year, and each month its row', () => {
    const year = simulation(365 * day, { joined: wave(365 * 24, hour) })
    const svg = drawReport('cpus', year, 'UTC')
    expect(rectangles(svg)).toBeLessThanOrEqual(20_000)
    for (const month of ['Dec 2017', 'Jan 2018', 'Dec 2018']) expect(svg).toContain(month)
  })

  it('becomes a PNG of two dots a unit', () => {
    const png = Buffer.from(pngOf(drawReport('cpus', simulation(hour, { joined: constant(8) }), 'UTC')))
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.readUInt32BE(16)).toBe(2 * 1_120)
  })

  it('names a key that is red where it exceeds its threshold', () => {
    const tight = simulation(hour, { joined: constant(8), allocated: constant(9) })
    expect(drawReport('cpus_allocated', tight, 'UTC')).toContain('exceeds threshold')
    expect(drawReport('cpus', tight, 'UTC')).not.toContain('exceeds threshold')
  })
})

describe('the figures of a report', () => {
  it('are cells of minutes for ten minutes, and of five minutes for a month', () => {
    const sizeOf = (length: number) => {
      const [cell] = figuresOf('cpus', simulation(length, { joined: wave(10, minute) }), 'UTC').cells
      return cell.to - cell.from
    }
    expect([10 * minute, 30 * day, 365 * day].map(sizeOf)).toEqual([1, 5, 30])
  })

  it.each(['America/Los_Angeles', 'Europe/Berlin', 'Asia/Kathmandu', 'UTC'])(
    'count every minute once in %s, on days of 23 to 25 hours too',
    (timezone) => {
      const year = simulation(400 * day, { joined: constant(1) })
      const days = localDays(year.range, timezone)
      expect(days[0].start).toBe(year.range.start)
      expect(days.at(-1)?.end).toBe(year.range.end)
      days.forEach((one, i) => {
        if (i > 0) expect(one.start).toBe(days[i - 1].end)
      })
      const lengths = new Set(days.slice(1, -1).map((one) => (one.end - one.start) / hour))
      expect([...lengths].sort()).toEqual(['UTC', 'Asia/Kathmandu'].includes(timezone) ? [24] : [23, 24, 25])
    },
  )

  it('give the exact total of money and the exact mean of all else by month', () => {
    const two = simulation(40 * day, { cost: constant(6), joined: constant(5) }, Date.parse('2018-01-15T00:00:00Z'))
    const months = figuresOf('cost', two, 'UTC').months
    expect(months).toEqual([
      { month: '2018-02', aggregate: 6 * 24 * 23 },
      { month: '2018-01', aggregate: 6 * 24 * 17 },
    ])
    expect(figuresOf('cpus', two, 'UTC').months[0].aggregate).toBe(5)
  })

  it('take percentiles linear between neighbours', () => {
    expect([0, 0.25, 0.5, 1].map((p) => quantile([1, 2, 4, 8], p))).toEqual([1, 1.75, 3, 8])
    expect(quantile([7], 0.95)).toBe(7)
  })

  it('write money with cents, and three digits below a dollar', () => {
    expect([0, 0.2, 0.00811, 1234.567, -3.1].map(dollars)).toEqual([
      '$0.00',
      '$0.20',
      '$0.00811',
      '$1,234.57',
      '-$3.10',
    ])
    expect([0, 12.34, 1234.5].map(vcpus)).toEqual(['0 vCPUs', '12.3 vCPUs', '1,235 vCPUs'])
  })
})

describe('the page', () => {
  it('needs no other file and shows names as text', () => {
    const one = simulation(hour, { joined: constant(8) })
    const pictures = dataKeys.map((key) => drawReport(key, one, 'UTC'))
    const page = pageOf({
      simulation: one,
      timezone: 'UTC',
      table: [
        ['', one.name],
        ['Total cost', '$1.00'],
      ],
      pictures,
    })
    expect(page).not.toMatch(/src=|href=|<script|url\(|@import/)
    expect(page).toContain('a &#60; b')
    expect(page).not.toContain('a < b')
    expect(page.split('<figure>')).toHaveLength(dataKeys.length + 1)
  })
})
