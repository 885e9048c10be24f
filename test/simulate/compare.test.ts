import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compareSimulations } from '../../src/simulate/compare.ts'
import { integralInHours } from '../../src/simulate/data.ts'
import { constant, piecewise } from '../../src/simulate/piecewise.ts'
import { decodeResult, encodeResult } from '../../src/simulate/result-file.ts'
import { exportSeries } from '../../src/simulate/series-export.ts'
import type { Simulation } from '../../src/simulate/simulation.ts'
import { summarise } from '../../src/simulate/summary.ts'
import { hour } from '../../src/time/range.ts'

const zero = constant(0)

const simulation = (name: string, cost: number, more: Partial<Simulation> = {}): Simulation => ({
  name,
  cluster: { cluster: 'c', pool: 'p', scheduler: undefined },
  range: { start: 0, end: 2 * hour },
  functions: {
    instances: constant(1),
    rented: constant(4),
    joined: constant(4),
    allocated: piecewise([[hour, 6]], 1),
    cost: constant(cost),
    memory: zero,
    disk: zero,
    gpus: zero,
  },
  notes: ['a note'],
  ...more,
})

const bytesOf = (one: Simulation) => Buffer.concat([...encodeResult(one)])

describe('a summary', () => {
  it('adds up what was bought, used and wasted', () => {
    expect(summarise(simulation('a', 3))).toEqual({
      total_cost: 6,
      vcpu_hours_bought: 8,
      vcpu_hours_used: 7,
      unused_cost: 3 * (3 / 4) + 3 * (-2 / 4),
      cost_per_vcpu_hour: 0.75,
      oversubscribed_hours: 1,
      peak_vcpus: 4,
      mean_vcpus: 4,
      peak_instances: 1,
      peak_memory_gib: 0,
      peak_disk_gb: 0,
      peak_gpus: 0,
    })
  })
})

describe('a result file', () => {
  it('reads back as it was written, equal bytes for equal simulations', () => {
    const one = simulation('a', 3)
    expect(decodeResult(bytesOf(one), 'f')).toEqual(one)
    expect(bytesOf(one).equals(bytesOf(simulation('a', 3)))).toBe(true)
  })

  it('keeps a simulation without a cluster', () => {
    const one = simulation('a', 3, { cluster: undefined })
    expect(decodeResult(bytesOf(one), 'f')).toEqual(one)
  })

  it.each([
    ['no gzip', Buffer.from('{}'), /^invalid result file: f is no gzipped JSON: /],
    ['no JSON', gzipSync('{'), /^invalid result file: f is no gzipped JSON: /],
    ['another format', gzipSync('{"format":"other"}'), /^invalid result file: f at format: /],
    [
      'a later version',
      gzipSync('{"format":"retrofill-simulation","version":2}'),
      /^invalid result file: f at version: /,
    ],
  ])('is refused where it is %s', (_, bytes, message) => {
    expect(() => decodeResult(bytes, 'f')).toThrow(message)
  })

  it('is refused where times go back or values are missing', () => {
    const broken = (f: object) => {
      const text = JSON.parse(JSON.stringify({ ...head, functions: { ...functions, cost: f } }))
      return () => decodeResult(gzipSync(JSON.stringify(text)), 'f')
    }
    const head = {
      format: 'retrofill-simulation',
      version: 1,
      name: 'a',
      cluster: null,
      start: '2017-12-01T00:00:00Z',
      end: '2017-12-01T01:00:00Z',
      notes: [],
    }
    const names = ['instances', 'rented', 'joined', 'allocated', 'memory', 'disk', 'gpus']
    const functions = Object.fromEntries(names.map((name) => [name, { initial: 0, times: [], values: [] }]))
    expect(broken({ initial: 0, times: [2, 1], values: [1, 2] })).toThrow(
      'invalid result file: f at functions.cost: expected ascending times',
    )
    expect(broken({ initial: 0, times: [1, 2], values: [1] })).toThrow(
      'functions.cost: expected as many values as times',
    )
  })
})

describe('a comparison', () => {
  it.each([
    ['truediv', 1.5],
    ['sub', 1],
    ['add', 5],
    ['mul', 6],
  ] as const)('%s is applied to cost and vCPUs at every instant', (operator, cost) => {
    const { combined } = compareSimulations(simulation('a', 3), simulation('b', 2), operator)
    expect(combined.name).toBe(`[a] ${operator} [b]`)
    expect(combined.functions.cost.initial).toBe(cost)
    expect(combined.functions.allocated).toEqual(zero)
  })

  it('divides by a cost of nothing to nothing', () => {
    expect(compareSimulations(simulation('a', 3), simulation('b', 0), 'truediv').combined.functions.cost.initial).toBe(
      0,
    )
  })

  it('tells the difference and ratio of each number', () => {
    const { differences } = compareSimulations(simulation('a', 2), simulation('b', 3), 'truediv')
    expect(differences[0]).toEqual({ name: 'total_cost', first: 4, second: 6, difference: 2, ratio: 1.5 })
    expect(differences.at(-1)?.ratio).toBeUndefined()
  })

  it('takes what different windows share and says so', () => {
    const later = simulation('b', 2, { range: { start: hour, end: 4 * hour } })
    const { combined, differences } = compareSimulations(simulation('a', 2), later, 'add')
    expect(combined.range).toEqual({ start: hour, end: 2 * hour })
    expect(combined.notes).toEqual([
      'different windows: 1970-01-01T00:00:00Z/1970-01-01T02:00:00Z and 1970-01-01T01:00:00Z/1970-01-01T04:00:00Z; compared inside 1970-01-01T01:00:00Z/1970-01-01T02:00:00Z',
    ])
    expect(differences[0]).toMatchObject({ first: 2, second: 2 })
    expect(integralInHours(combined.functions.cost, combined.range)).toBe(4)
  })

  it('refuses windows that share nothing', () => {
    const later = simulation('b', 2, { range: { start: 3 * hour, end: 4 * hour } })
    expect(() => compareSimulations(simulation('a', 2), later, 'add')).toThrow(/^invalid comparison: .* share no time$/)
  })

  it('joins the parts of different clusters', () => {
    const other = simulation('b', 2, { cluster: { cluster: 'd', pool: 'p', scheduler: 'mesos' } })
    expect(compareSimulations(simulation('a', 2), other, 'add').combined.cluster).toEqual({
      cluster: 'c, d',
      pool: 'p',
      scheduler: 'mesos',
    })
  })
})

describe('a time series', () => {
  const options = { keys: ['cost', 'cpus_allocated'] as const, step: 0.75 * hour }

  it('as CSV has a heading and a row a step, the last one shorter', () => {
    expect([...exportSeries(simulation('a', 4), { ...options, format: 'csv' })].join('')).toBe(
      'time,cost,cpus_allocated\n1970-01-01T00:00:00Z,3,1\n1970-01-01T00:45:00Z,3,1\n1970-01-01T01:30:00Z,2,6\n',
    )
  })

  it('as NDJSON has an object a step', () => {
    const lines = [...exportSeries(simulation('a', 4), { ...options, format: 'ndjson' })].join('').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))[2]).toEqual({
      time: '1970-01-01T01:30:00Z',
      cost: 2,
      cpus_allocated: 6,
    })
  })
})
