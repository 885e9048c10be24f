import { Kind, type PointBatch } from './points.ts'
import { formatSeries, keyTag, parseSeries, type Series, typeTag } from './series.ts'

/** One change of tags. */
export type TagChange =
  | { readonly kind: 'set'; readonly tag: string; readonly value: string }
  | { readonly kind: 'drop'; readonly tag: string }
  | { readonly kind: 'rename'; readonly tag: string; readonly to: string }

/** How points change on their way from a source to a store. */
export interface Shape {
  /** New names of metrics: a name, with tags to add where it has some. `{tag}` in the name is that tag's value, and the tag goes. */
  readonly rename: ReadonlyMap<string, Series>
  /** Applied in order. */
  readonly tags: readonly TagChange[]
  /** A text with `{tag}` in it that becomes the key of a multi-valued metric; the tags in it go. A tag that is missing is empty. */
  readonly label?: string
  /** Clusterman's metric type, for all series. */
  readonly metricType?: string
  /** A function of the value. */
  readonly map?: (value: number) => number
}

/** Changes series and values; times stay. Series that become the same are left to whoever arranges the points. */
export function shaper(shape: Shape): (batch: PointBatch) => PointBatch {
  const dictionaries = new Map<readonly string[], string[]>()
  const texts = new Map<string, string>()
  const shaped = (text: string) => {
    const known = texts.get(text) ?? formatSeries(shapeSeries(parseSeries(text), shape))
    texts.set(text, known)
    return known
  }
  return (batch) => {
    const dictionary = dictionaries.get(batch.dictionary) ?? []
    dictionaries.set(batch.dictionary, dictionary)
    for (let id = dictionary.length; id < batch.dictionary.length; id++) dictionary.push(shaped(batch.dictionary[id]))
    return shape.map ? mapValues({ ...batch, dictionary }, shape.map) : { ...batch, dictionary }
  }
}

/** What becomes of one series. */
export function shapeSeries({ name, tags }: Series, { rename, tags: changes, label, metricType }: Shape): Series {
  const renamed = rename.get(name)
  const all = new Map([...tags, ...(renamed?.tags ?? [])])
  for (const change of changes) changeTag(all, change)
  const own = renamed && filledIn(renamed.name, all)
  const key = label === undefined ? undefined : filledIn(label, all)
  for (const tag of tagsIn(`${renamed?.name ?? ''}${label ?? ''}`)) all.delete(tag)
  if (key !== undefined) all.set(keyTag, key)
  if (metricType !== undefined) all.set(typeTag, metricType)
  return { name: own ?? name, tags: [...all].sort(([a], [b]) => (a < b ? -1 : 1)) }
}

function changeTag(tags: Map<string, string>, change: TagChange): void {
  if (change.kind === 'set') {
    tags.set(change.tag, change.value)
    return
  }
  const value = tags.get(change.tag)
  tags.delete(change.tag)
  if (change.kind === 'rename' && value !== undefined) tags.set(change.to, value)
}

const placeholder = /\{([^{}]+)\}/g

const tagsIn = (text: string): string[] => Array.from(text.matchAll(placeholder), ([, tag]) => tag)

const filledIn = (text: string, tags: ReadonlyMap<string, string>): string =>
  text.replace(placeholder, (_, tag: string) => tags.get(tag) ?? '')

/** Whether a new name of metrics may have become this one. */
export function mayBecome(newName: string, name: string): boolean {
  const parts = newName.split(placeholder).filter((_part, i) => i % 2 === 0)
  return new RegExp(`^${parts.map((part) => part.replace(/[^\w]/gu, '\\$&')).join('.*')}$`, 's').test(name)
}

/** Tags that every series of a metric has in the end, with one value each, whatever it had before. */
export function fixedTags({ rename, tags: changes, label, metricType }: Shape, metric?: string): Map<string, string> {
  const renamed = metric === undefined ? undefined : rename.get(metric)
  const fixed = new Map(renamed?.tags)
  for (const change of changes) {
    if (change.kind === 'set') fixed.set(change.tag, change.value)
    else fixed.delete(change.tag)
    if (change.kind === 'rename') fixed.delete(change.to)
  }
  for (const tag of tagsIn(`${renamed?.name ?? ''}${label ?? ''}`)) fixed.delete(tag)
  if (label !== undefined) fixed.delete(keyTag)
  if (metricType !== undefined) fixed.set(typeTag, metricType)
  return fixed
}

/** Whole results of integers stay integers. */
function mapValues({ wide: _, ...batch }: PointBatch, map: (value: number) => number): PointBatch {
  const value = batch.value.map(map)
  const kind = batch.kind.map((one, i) => (Number.isSafeInteger(value[i]) ? one : Kind.double))
  return { ...batch, value, kind }
}
