import type { PointBatch } from './points.ts'

/** Series that are measured at once: their text forms are `prefix` with each of `names` behind it. */
export interface Family {
  readonly prefix: string
  readonly names: readonly string[]
}

/**
 * Points of families in columns, a line of the input for each measurement: `length` of them, in the order of the input.
 *
 * - `family[i]` indexes `families`, which is append-only for the stream the batch is of: ids stay good for later batches that carry
 *   the same array.
 * - `time[i]` is in ms UTC; `line[i]` the line of the input, from 1.
 * - the values of line `i`, in the order of its family's names, stand in `value`, `kind` and `wide` from `first[i]` to before
 *   `first[i + 1]`; see `PointBatch` for these columns.
 */
export interface LineBatch {
  /** The name of the input, such as a file, that the lines came from. */
  readonly input: string
  readonly length: number
  readonly families: readonly Family[]
  readonly family: Uint32Array
  readonly time: Float64Array
  readonly line: Uint32Array
  readonly first: Uint32Array
  readonly value: Float64Array
  readonly kind: Uint8Array
  readonly wide?: BigInt64Array
}

/** How many lines and values there is room for. */
export interface Room {
  readonly lines: number
  readonly values: number
}

/** How many points the lines `[from, to)` hold. */
export const countPoints = ({ first }: LineBatch, from: number, to: number): number => first[to] - first[from]

const itself: readonly string[] = ['']

/** Points as lines of one value, each series being a family of its own. */
export function linesOfPoints({ input, length, dictionary, series, time, value, kind, wide }: PointBatch): LineBatch {
  const counting = () => Uint32Array.from({ length: length + 1 }, (_, i) => i)
  const families = dictionary.map((text) => ({ prefix: text, names: itself }))
  return {
    input,
    length,
    families,
    family: series,
    time,
    line: counting().subarray(1),
    first: counting(),
    value,
    kind,
    ...(wide && { wide }),
  }
}

/** Text forms of the series of families, and the id of the first series of each; grows as `families` does. */
interface Dictionary {
  readonly texts: string[]
  readonly starts: number[]
}

const dictionaries = new WeakMap<readonly Family[], Dictionary>()

function dictionaryOf(families: readonly Family[]): Dictionary {
  const known = dictionaries.get(families) ?? { texts: [], starts: [] }
  dictionaries.set(families, known)
  for (const { prefix, names } of families.slice(known.starts.length)) {
    known.starts.push(known.texts.length)
    for (const name of names) known.texts.push(prefix + name)
  }
  return known
}

/** The same points one by one. Batches that share their families share the dictionary. */
export function pointsOfLines(batch: LineBatch): PointBatch & { readonly line: Uint32Array } {
  const { input, families, length, first, value, kind, wide } = batch
  const { texts, starts } = dictionaryOf(families)
  const points = {
    input,
    length: value.length,
    dictionary: texts,
    series: new Uint32Array(value.length),
    time: new Float64Array(value.length),
    value,
    kind,
    line: new Uint32Array(value.length),
    ...(wide && { wide }),
  }
  for (let i = 0; i < length; i++) {
    const id = batch.family[i]
    points.time.fill(batch.time[i], first[i], first[i + 1])
    points.line.fill(batch.line[i], first[i], first[i + 1])
    for (let at = first[i]; at < first[i + 1]; at++) points.series[at] = starts[id] + at - first[i]
  }
  return points
}
