import fc from 'fast-check'
import type { ArchiveBatch } from '../../src/archive/batch.ts'
import { createDictionary } from '../../src/archive/dictionary.ts'
import { createScanner, type KernelName } from '../../src/archive/scan.ts'
import { parseShards } from '../../src/archive/shards.ts'
import { anyLine, collect, line, metric, pieces, pointsOf } from './support.ts'

// Lines are strings of bytes here, a character each, so that a change may leave invalid UTF-8.

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

/** What is done to a line; `other` is the one before it. */
type Change = (line: string, other: string) => string

/** A change of the match of a pattern that a number picks. */
const changeMatch = (pattern: RegExp, at: number, change: (match: string) => string): Change => {
  return (text) => {
    const matches = [...text.matchAll(pattern)]
    if (matches.length === 0) return text
    const { index, 0: match } = matches[at % matches.length]
    return text.slice(0, index) + change(match) + text.slice(index + match.length)
  }
}

const scalarMember = /"[^"]*":(?:"[^"]*"|[^",{}[\]]+)/g
const pick = fc.nat(1_000)

/** Numbers as they may be written, near every limit of the kernels. */
export const anyNumber = fc.oneof(
  fc.double().map(String),
  fc.integer().map(String),
  fc.tuple(fc.bigInt(), fc.nat(40)).map(([digits, point]) => decimal(digits, point)),
  fc
    .tuple(fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }), fc.nat(40))
    .map(([digits, point]) => decimal(digits, point)),
  fc.tuple(fc.integer(), fc.constantFrom('e', 'E', 'e+', 'e-'), fc.nat(330)).map((parts) => parts.join('')),
  fc.constantFrom('-0', '0.0', '-0.0', '01', '-', '1.', '.1', '+1', '1e', '2147483648', '-2147483648', '-2147483649'),
  fc.constantFrom('9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993', '1e400', 'NaN'),
  fc.constantFrom('"1"', '"9223372036854775807"', 'null', 'true', '{}', '8640000000000001', '99999999999999999999'),
)

export function decimal(digits: bigint, point: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(point + 1, '0')
  const sign = digits < 0n ? '-' : ''
  return point === 0 ? sign + text : `${sign}${text.slice(0, -point)}.${text.slice(-point)}`
}

const anyText = fc.oneof(
  fc.constantFrom(
    '',
    'm',
    'm ',
    ' m',
    'a',
    'a.b',
    'b',
    'remote.http',
    'agent.cpu',
    'mz',
    'metrics',
    'timestamp',
    'x"y',
  ),
  fc.constantFrom('é', '\ufeff', '\0', '\ud800', '😀', '__proto__', 'tenantId', 'accountId', 'x'.repeat(70_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  // Numbers, also those inside texts.
  fc.tuple(pick, anyNumber).map(([at, number]) => changeMatch(/-?[0-9][0-9.eE+-]*/g, at, () => number)),
  // Texts, of keys too, with escapes or not.
  fc
    .tuple(pick, anyText, fc.boolean())
    .map(([at, text, isEscaped]) =>
      changeMatch(/"(?:[^"\\]|\\.)*"/g, at, () =>
        isEscaped && text !== ''
          ? `"\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${bytesOf(JSON.stringify(text.slice(1))).slice(1)}`
          : bytesOf(JSON.stringify(text)),
      ),
    ),
  // Members: left out, changed into others, put in once more, moved to the end of the line.
  pick.map((at) => changeMatch(/"[^"]*":(?:"[^"]*"|[^",{}[\]]+),/g, at, () => '')),
  fc.tuple(pick, pick).map(
    ([from, to]): Change =>
      (text, other) => {
        const members = other.match(scalarMember) ?? ['']
        return changeMatch(scalarMember, to, (member) => `${member},${members[from % members.length]}`)(text, other)
      },
  ),
  fc.tuple(pick, pick).map(
    ([one, two]): Change =>
      (text, other) => {
        const members = text.match(scalarMember) ?? ['']
        const [a, b] = [members[one % members.length], members[two % members.length]]
        const marked = changeMatch(scalarMember, one, () => '\u0001')(text, other)
        return changeMatch(scalarMember, two, () => a)(marked, other).replace('\u0001', b)
      },
  ),
  pick.map(
    (at): Change =>
      (text, other) => {
        const members = text.match(scalarMember) ?? ['']
        const rest = changeMatch(/"[^"]*":(?:"[^"]*"|[^",{}[\]]+),/g, at, () => '')(text, other)
        return `${rest.slice(0, -1)},${members[at % members.length]}}`
      },
  ),
  // The beginning of another line, up to its metrics.
  fc.constant<Change>((text, other) => {
    const [head, ...rest] = text.split('"metrics":')
    return rest.length === 0 ? head : `${other.split('"metrics":')[0]}"metrics":${rest.join('"metrics":')}`
  }),
  // Space between tokens, and bytes anywhere.
  fc
    .tuple(pick, fc.constantFrom(' ', '\t', '\r', ' \r '))
    .map(([at, space]) => changeMatch(/[{},:]/g, at, (mark) => mark + space)),
  fc
    .tuple(pick, fc.nat(2), fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)), maxLength: 3 }))
    .map(
      ([at, length, patch]): Change =>
        (text) => {
          const place = at % (text.length + 1)
          return text.slice(0, place) + patch.replaceAll('\n', '') + text.slice(place + length)
        },
    ),
)

/** Lines whose checks and metrics are easily taken for one another. */
const knownLines: readonly string[] = [
  line(),
  line({ timestamp: 1395941810616, id: 'x', available: false }),
  line({ checkId: 'ch.x', monitoringZoneId: 'mz' }),
  line({}, { 'x.m': metric({ valueDbl: 0.1 }), m: metric({ metricType: 108, valueI64: 7 }) }),
  line({}, { m: metric({ valueDbl: 2 }), 'm ': metric({ valueDbl: 3 }), ' m': metric({ valueDbl: 4 }) }),
  line({ checkType: 'remote.http', monitoringZoneId: 'mz' }, { m: metric({ metricType: 105, valueI32: 3 }) }),
  line({ checkType: 'remote.http', monitoringZoneId: 'mz.m' }, { m: metric({ metricType: 105, valueI32: 3 }) }),
  line({ checkType: 'remote.http' }, { m: metric({ metricType: 115, valueStr: 'OK', valueDbl: 5 }), é: metric() }),
  line({ tenantId: 5, accountId: 7, target: 'é' }, { m: metric({ valueBool: true, metricType: 98 }) }),
  line({}, Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`m${i}`, metric({ valueDbl: i / 7 })]))),
  line({}, {}),
].map(bytesOf)

const someLine = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...knownLines) },
  { weight: 1, arbitrary: anyLine.map(bytesOf) },
)

/** Files of an archive, and how they are scanned. */
export interface Strange {
  readonly files: readonly Uint8Array[]
  readonly cuts: readonly number[]
  readonly batchPoints: number
  readonly maxSeries: number
  readonly maxLine: number
  readonly shards: string
}

/** Files of lines that are known, or nearly so; every line stands in them twice, and the second file may break off anywhere. */
export const anyStrange: fc.Arbitrary<Strange> = fc
  .record({
    lines: fc.array(
      fc.tuple(someLine, fc.oneof(fc.constant([]), fc.array(anyChange, { minLength: 1, maxLength: 3 }))),
      {
        minLength: 60,
        maxLength: 300,
      },
    ),
    end: fc.constantFrom('\n', '\n', '\r\n', '\n\n'),
    kept: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), pick),
    cuts: fc.array(fc.nat(), { maxLength: 5 }),
    batchPoints: fc.constantFrom(1, 3, 50, 1_000),
    maxSeries: fc.constantFrom(2, 300, 1 << 18, 1 << 18),
    maxLine: fc.constantFrom(300, 400, 1_000, 1 << 20),
    shards: fc.constantFrom('ALL', 'ALL', '0-63', 'NONE'),
  })
  .map(({ lines, end, kept, ...rest }) => {
    const changed: string[] = []
    for (const [text, changes] of lines)
      changed.push(changes.reduce((line, change) => change(line, changed.at(-1) ?? line), text))
    const content = Buffer.from(changed.map((text) => text + end).join(''), 'latin1')
    return { files: [content, content.subarray(0, kept)], ...rest }
  })

/** What a kernel makes of files, batch by batch. */
export async function scanStrange({ files, cuts, shards, maxSeries, ...options }: Strange, kernel: KernelName) {
  const dictionary = createDictionary({ shards: parseShards(shards), maxSeries })
  const scanner = createScanner({ kernel, dictionary, ...options })
  const batches: ArchiveBatch[] = []
  for (const [i, file] of files.entries()) batches.push(...(await collect(scanner.scan(String(i), pieces(file, cuts)))))
  return batches.map((batch) => ({ points: pointsOf(batch), counts: batch.counts, rejects: batch.rejects }))
}
