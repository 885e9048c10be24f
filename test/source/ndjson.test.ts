import { expect, it } from 'vitest'
import { rowFormatter } from '../../src/cli/rows.ts'
import type { PointBatch } from '../../src/metric/points.ts'
import { ndjsonSource } from '../../src/source/ndjson.ts'
import { ExitCode } from '../../src/util/errors.ts'
import { pointsOf, type Row, rowsOf } from '../support/rows.ts'

const start = Date.UTC(2026, 0, 1)
const always = { start: 0, end: start * 2 }

async function* bytes(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

async function read(text: string | Uint8Array, range = always, size?: number): Promise<Row[]> {
  const batches: PointBatch[] = []
  for await (const batch of ndjsonSource(bytes(text, size)).read({}, range)) batches.push(batch)
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

it.each([
  ['in the middle', [0xff]],
  ['that ends with the line', [0xf0, 0x9f]],
])('refuses bytes that are no UTF-8, %s, and names their line', async (_where, wrong) => {
  const line = '{"series":"é","time":1,"value":1}\n'
  const odd = Buffer.concat([Buffer.from(`${line}{"series":"a`), Buffer.from(wrong)])
  const message = 'line 2 of standard input is not UTF-8'
  await expect(read(odd)).rejects.toThrow(message)
  await expect(read(Buffer.concat([odd, Buffer.from(`"}\n${line}`)]))).rejects.toThrow(message)
})

it('refuses a line that is too long, and holds no more of it', async () => {
  const line = '{"series":"s","time":1,"value":1}\n'
  let given = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(line)
    for (; given < 48; given++) yield Buffer.alloc(1 << 20, ' ')
  }
  const reading = async () => {
    for await (const _ of ndjsonSource(endless()).read({}, always));
  }
  await expect(reading()).rejects.toMatchObject({
    message: 'line 2 of standard input is too long: expected at most 16 MiB',
    exitCode: ExitCode.usage,
  })
  expect(given).toBe(16)
  await expect(read(`${line}${' '.repeat(16 << 20)}\n`, always, 1 << 26)).resolves.toHaveLength(1)
  await expect(read(`${line}${' '.repeat(1 + (16 << 20))}\n`, always, 1 << 26)).rejects.toThrow('line 2 of')
})

it('takes the start of a range and leaves its end', async () => {
  const lines = [0, 1, 2].map((i) => JSON.stringify({ series: 's', time: start + i, value: i + 0.5 })).join('\n')
  expect(await read(lines, { start: start + 1, end: start + 2 })).toEqual([['s', start + 1, 1.5]])
})

it.each([
  ['9223372036854775807', 2n ** 63n - 1n],
  ['-9223372036854775808', -(2n ** 63n)],
  ['9223372036854775808', 2 ** 63],
  ['-9223372036854775809', -(2 ** 63)],
  ['12345678901234567890', 12345678901234567000],
  ['1e17', 1e17],
])('takes %s for an integer where 64 bits hold it, else for a double', async (written, value) => {
  expect(await read(`{"series":"s","time":1,"value":${written}}`)).toEqual([['s', 1, value]])
})

it.each([
  ['{"name":"n","note":{"value":3},"time":1,"value":9007199254740993}', 'n'],
  ['{"name":"n","tags":{"value":"x"},"time":1,"value":9007199254740993}', 'n|value=x'],
  ['{"name":"\\"value\\":5,","time":1,"value":9007199254740993,"more":[{"value":4}]}', '"value":5\\,'],
  ['{"name":"n","time":1,"value":9007199254740995,"val\\u0075e":9007199254740993}', 'n'],
])('takes the value of the line itself, the last one: %s', async (line, series) => {
  expect(await read(line)).toEqual([[series, 1, 9007199254740993n]])
})

it('takes the first and the last time that there are', async () => {
  const times = [-8.64e15, 8.64e15 - 1]
  const lines = times.map((time) => JSON.stringify({ series: 's', time, value: 0.5 })).join('\n')
  expect(await read(lines, { start: -8.64e15, end: 8.64e15 })).toEqual(times.map((time) => ['s', time, 0.5]))
})

it.each([
  ['{"series":"s","time":1', 'line 2 of standard input is no point'],
  ['{"series":"s","time":"noon","value":1}', 'line 2 of standard input is no point'],
  ['{"series":"s","time":1,"value":"many"}', 'line 2 of standard input is no point'],
  ['{"series":"s|x","time":1,"value":1}', 'line 2 of standard input: invalid series'],
  [
    '{"name":"n\\ud800","time":1,"value":1}',
    'line 2 of standard input: invalid series: half a character in "n\\ud800"',
  ],
  [
    '{"series":"s|a=\\udc00","time":1,"value":1}',
    'line 2 of standard input: invalid series: half a character in "s|a=\\udc00"',
  ],
  [
    '{"series":"s","time":1767225600.5,"value":1}',
    'line 2 of standard input: invalid time: expected whole milliseconds, got 1767225600.5',
  ],
  [
    '{"series":"s","time":1767225600000000000,"value":1}',
    'line 2 of standard input: invalid time: expected milliseconds since 1970, less than 8640000000000000 of them, got 1767225600000000000',
  ],
  ['{"series":"s","time":8640000000000000,"value":1}', 'line 2 of standard input: invalid time'],
])('names the line that is no point: %s', async (line, message) => {
  await expect(read(`{"series":"s","time":1,"value":1}\n${line}\n`)).rejects.toThrow(message)
})
