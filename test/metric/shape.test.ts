import { describe, expect, it } from 'vitest'
import { parseSeries } from '../../src/metric/series.ts'
import { mayBecome, type Shape, shaper } from '../../src/metric/shape.ts'
import { pointsOf, type Row, rowsOf } from '../support/rows.ts'

const none: Shape = { rename: new Map(), tags: [] }
const shape = (rows: readonly Row[], change: Partial<Shape>) => rowsOf(shaper({ ...none, ...change })(pointsOf(rows)))

describe('shaping', () => {
  const rows: Row[] = [['cpu|AZ=us-west-2a,inst_type=c3.xlarge', 0, 2048]]

  it('renames metrics, and adds the tags of the new name', () => {
    const rename = new Map([['cpu', parseSeries('load|pool=default.mesos')]])
    expect(shape(rows, { rename })).toEqual([['load|AZ=us-west-2a,inst_type=c3.xlarge,pool=default.mesos', 0, 2048]])
    expect(shape([['mem', 0, 1]], { rename })).toEqual([['mem', 0, 1]])
  })

  it('makes names from tags, for stores that know none', () => {
    const rename = new Map([['cpu', parseSeries('{AZ}.{none}cpu.{inst_type}|a=b')]])
    expect(shape(rows, { rename })).toEqual([['us-west-2a.cpu.c3.xlarge|a=b', 0, 2048]])
    const label = '{AZ}'
    expect(shape(rows, { rename, label })).toEqual([['us-west-2a.cpu.c3.xlarge|@key=us-west-2a,a=b', 0, 2048]])
    expect(mayBecome('{AZ}.cpu.{x}', 'us.cpu.y')).toBe(true)
    expect(mayBecome('{AZ}.cpu', 'us.cpux')).toBe(false)
    expect(mayBecome('a.b', 'axb')).toBe(false)
  })

  it('sets, drops and renames tags, in order', () => {
    const tags = [
      { kind: 'drop', tag: 'inst_type' },
      { kind: 'rename', tag: 'AZ', to: 'zone' },
      { kind: 'rename', tag: 'none', to: 'some' },
      { kind: 'set', tag: 'pool', value: 'a,b' },
    ] as const
    expect(shape(rows, { tags })).toEqual([['cpu|pool=a\\,b,zone=us-west-2a', 0, 2048]])
  })

  it('makes keys of multi-valued metrics from tags, in the form that simulate reads', () => {
    const label = '<{inst_type}, {AZ}>'
    expect(shape(rows, { label, metricType: 'metadata' })).toEqual([
      ['cpu|@key=<c3.xlarge\\, us-west-2a>,@type=metadata', 0, 2048],
    ])
    expect(shape([['cpu', 0, 1]], { label })).toEqual([['cpu|@key=<\\, >', 0, 1]])
  })

  it('maps values: whole results of integers stay integers', () => {
    const map = (x: number) => x / 1024
    expect(shape([['cpu', 0, 2048n]], { map })).toEqual([['cpu', 0, 2n]])
    expect(shape([['cpu', 0, 512n]], { map })).toEqual([['cpu', 0, 0.5]])
    expect(shape(rows, { map })[0][2]).toBe(2)
  })
})
