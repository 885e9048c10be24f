import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DataKey, dataKeys } from '../../src/simulate/data.ts'
import { constant, type Piecewise, piecewise } from '../../src/simulate/piecewise.ts'
import { type LocalDay, localDays } from '../../src/simulate/report/calendar.ts'
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

const year = { start, end: start + 400 * day }
const hoursOf = (one: LocalDay): number => (one.end - one.start) / hour

/** Minutes of the wall clock, as Node's own calendar tells them. */
function clockMinute(time: number, timeZone: string): number {
  const format = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const [hours, minutes] = new Date(time).toLocaleTimeString('en-GB', format).split(':').map(Number)
  return hours * 60 + minutes
}

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

  it.each([
    ['America/Los_Angeles', [23, 24, 25]],
    ['Europe/Berlin', [23, 24, 25]],
    // The clock goes from 24:00 to 1:00, and to 23:00.
    ['America/Sao_Paulo', [23, 24, 25]],
    ['Australia/Lord_Howe', [23.5, 24, 24.5]],
    ['Asia/Kathmandu', [24]],
    ['UTC', [24]],
  ])('are of days without gaps in %s, of %j hours', (timezone, hours) => {
    const days = localDays(year, timezone)
    expect([days[0].start, days.at(-1)?.end]).toEqual([year.start, year.end])
    expect(days.slice(1).map((one) => one.start)).toEqual(days.slice(0, -1).map((one) => one.end))
    expect([...new Set(days.slice(1, -1).map(hoursOf))].sort((a, b) => a - b)).toEqual(hours)
  })

  it.each(['America/Los_Angeles', 'Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu'])(
    'have each minute of the wall clock in %s as often as it occurs, on days of 23 to 25 hours too',
    (timezone) => {
      const days = localDays(year, timezone).slice(1, -1)
      for (const length of new Set(days.map(hoursOf))) {
        const one = days.find((candidate) => hoursOf(candidate) === length) as LocalDay
        const minutes = Array.from({ length: length * 60 }, (_, i) => one.start + i * minute)
        const shown = minutes.map((time) => one.minuteOf(time))
        expect(shown).toEqual(minutes.map((time) => clockMinute(time, timezone)))
        const distinct = new Set(shown).size
        expect([distinct, shown.length - distinct]).toEqual([Math.min(length, 24) * 60, Math.max(length - 24, 0) * 60])
      }
    },
  )

  it('take the mean of an hour that occurs twice over both, and leave out one that does not occur', () => {
    const hourCells = (from: string, length: number, clock: number) => {
      const at = Date.parse(from)
      const joined = piecewise(Array.from({ length: 25 }, (_, i) => [at + i * hour, i] as const))
      const { cells } = figuresOf('cpus', simulation(length, { joined }, at), 'America/Los_Angeles')
      return cells.filter((cell) => cell.from >= clock * 60 && cell.to <= (clock + 1) * 60).map(({ value }) => value)
    }
    expect(new Set(hourCells('2018-11-04T07:00:00Z', 25 * hour, 1))).toEqual(new Set([(1 + 2) / 2]))
    expect(new Set(hourCells('2018-11-04T07:00:00Z', 25 * hour, 2))).toEqual(new Set([3]))
    expect(hourCells('2018-03-11T08:00:00Z', 23 * hour, 2)).toEqual([])
    expect(new Set(hourCells('2018-03-11T08:00:00Z', 23 * hour, 3))).toEqual(new Set([2]))
  })

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
