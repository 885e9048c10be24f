import { expect, it } from 'vitest'
import { rowFormatter } from '../../src/cli/rows.ts'
import type { PointBatch } from '../../src/metric/points.ts'
import { ndjsonSource } from '../../src/source/ndjson.ts'
import { pointsOf, type Row, rowsOf } from '../support/rows.ts'

const start = Date.UTC(2026, 0, 1)
const always = { start: 0, end: start * 2 }

async function* bytes(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

async function read(text: string, range = always): Promise<Row[]> {
  const batches: PointBatch[] = []
  for await (const batch of ndjsonSource(bytes(text)).read({}, range)) batches.push(batch)
  return batches.flatMap(rowsOf)
}

it('reads what retrofill read prints, every bit of it', async () => {
  const rows: Row[] = [
    ['cpu|host=a', start, 0.1],
    ['cpu|host=a', start + 1, -0],
    ['cpu|host=a', start + 2, Number.NaN],
    ['cpu|host=a', start + 3, Number.NEGATIVE_INFINITY],
    ['naïve😀|k=v\\,w', start, 5n],
    ['naïve😀|k=v\\,w', start + 1, 2n ** 63n - 1n],
  ]
  expect(await read(rowFormatter('ndjson')(pointsOf(rows)))).toEqual(rows)
})

it('takes name and tags instead of a text, and times in ms', async () => {
  const line = JSON.stringify({ name: 'cpu', tags: { zone: 'a', host: 'h' }, time: start, value: 1.5 })
  expect(await read(`\n${line}`)).toEqual([['cpu|host=h,zone=a', start, 1.5]])
})

it('takes the start of a range and leaves its end', async () => {
  const lines = [0, 1, 2].map((i) => JSON.stringify({ series: 's', time: start + i, value: i + 0.5 })).join('\n')
  expect(await read(lines, { start: start + 1, end: start + 2 })).toEqual([['s', start + 1, 1.5]])
})

it.each([
  ['{"series":"s","time":1', 'line 2 of standard input is no point'],
  ['{"series":"s","time":"noon","value":1}', 'line 2 of standard input is no point'],
  ['{"series":"s","time":1,"value":"many"}', 'line 2 of standard input is no point'],
  ['{"series":"s|x","time":1,"value":1}', 'line 2 of standard input: invalid series'],
])('names the line that is no point: %s', async (line, message) => {
  await expect(read(`{"series":"s","time":1,"value":1}\n${line}\n`)).rejects.toThrow(message)
})
