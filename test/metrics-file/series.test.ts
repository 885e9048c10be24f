import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSeries, series } from '../../src/metric/series.ts'
import { metricKey, seriesText } from '../../src/metrics-file/series.ts'

const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('a', 'b', '|', ',', '=', '\\', '@', '\n') }))

describe('seriesText', () => {
  it.each([
    [{ name: 'm' }, undefined, 'm'],
    [{ type: 'app_metrics', name: 'm' }, undefined, 'm|@type=app_metrics'],
    [{ type: 'metadata', name: 'm|b=2,a=1' }, '<x, y>', 'm|@key=<x\\, y>,@type=metadata,a=1,b=2'],
    [{ name: 'not|a series' }, undefined, 'not\\|a series'],
    [{ name: 'back\\slash' }, undefined, 'back\\\\slash'],
  ])('of %o and key %j is %s', (metric, key, text) => {
    expect(seriesText(metric, key)).toBe(text)
  })

  it('is undone by metricKey, whatever the name', () => {
    fc.assert(
      fc.property(
        name,
        fc.option(name, { nil: undefined }),
        fc.option(name, { nil: undefined }),
        (metric, type, key) => {
          const given = type === undefined ? { name: metric } : { type, name: metric }
          const text = seriesText(given, key)
          const back = metricKey(text)
          expect(seriesText(back.metric, back.key)).toBe(text)
          expect(back.metric.type).toBe(type)
          expect(back.key).toBe(key)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('metricKey', () => {
  it('is undone by seriesText, whatever the name and the tags', () => {
    fc.assert(
      fc.property(name, fc.dictionary(name, name, { maxKeys: 3 }), (metric, tags) => {
        const text = formatSeries(series(metric, tags))
        const back = metricKey(text)
        expect(seriesText(back.metric, back.key)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })
})
