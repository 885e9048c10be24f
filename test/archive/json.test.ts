import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, parseJson } from '../../src/archive/json.ts'

/** What JSON.parse would give, as far as arrays are not looked into. */
function plain(json: Json): unknown {
  switch (json.type) {
    case 'null':
      return null
    case 'array':
      return []
    case 'boolean':
      return json.text === 'true'
    case 'number':
      return Number(json.text)
    case 'string':
      return json.text
    case 'object':
      return [...json.members].map(([name, value]) => [name, plain(value)])
  }
}

const entries = (value: unknown): unknown => {
  if (Array.isArray(value)) return []
  if (typeof value === 'string') return Buffer.from(value).toString()
  if (typeof value !== 'object' || value === null) return value
  const named = new Map(Object.entries(value).map(([name, inner]) => [Buffer.from(name).toString(), entries(inner)]))
  return [...named]
}

const outcome = (read: () => unknown) => {
  try {
    return read()
  } catch {
    return 'refused'
  }
}

/** Object.entries puts integer keys first, so their order is not compared. */
const ordered = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    Array.isArray(inner) ? [...inner].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : inner,
  )

function agree(text: string): void {
  expect(ordered(outcome(() => plain(parseJson(text))))).toBe(ordered(outcome(() => entries(JSON.parse(text)))))
}

describe('the JSON reader', () => {
  it('reads what JSON.parse reads, alike', () => {
    fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), agree))
  })

  it('refuses what JSON.parse refuses', () => {
    const damage = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', '\\', ',', '{', ']', '0', '-', '.', 'e', '\n', '\0', 'x'),
    )
    fc.assert(
      fc.property(damage, ([text, at, patch]) => {
        const i = at % (text.length + 1)
        agree(text.slice(0, i) + patch + text.slice(i + 1))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '0x1',
    '--1',
    "'a'",
    '{a:1}',
    '[1,]',
    '{"a":1,}',
    '"\\x"',
    '"\\u12"',
    '"\t"',
    '',
    ' ',
    '1 2',
    'nul',
    '-NaN',
    '-',
    '"',
    '"\\',
    '{"a"',
    '{"a":',
  ])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow('invalid JSON')
  })

  it('takes the bare words NaN, Infinity and -Infinity for numbers', () => {
    expect(['NaN', 'Infinity', '-Infinity'].map((text) => plain(parseJson(text)))).toEqual([NaN, Infinity, -Infinity])
  })

  it('keeps numbers as they are written, and says where values stand', () => {
    expect(parseJson(' {"a" : 1.50 } ')).toEqual({
      type: 'object',
      repeats: false,
      members: new Map([['a', { type: 'number', text: '1.50', start: 8, end: 12 }]]),
      start: 1,
      end: 14,
    })
  })

  it('keeps the last of members with the same name, and tells', () => {
    expect(parseJson('{"a":1,"\\u0061":2}')).toMatchObject({ repeats: true, members: new Map([['a', { text: '2' }]]) })
  })

  it('turns half a surrogate pair into U+FFFD', () => {
    expect(plain(parseJson('"\\ud800x\\ud83d\\ude00"'))).toBe('\ufffdx\u{1f600}')
  })

  it('refuses what is nested more than 255 deep, however deep', () => {
    const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseJson(deep(255)).type).toBe('array')
    expect(() => parseJson(deep(256))).toThrow('nested too deeply')
    expect(() => parseJson('{"a":'.repeat(1_000_000))).toThrow('nested too deeply')
  })
})
