import { usageError } from '../util/errors.ts'

/** What a value belongs to. Tags are in order of their names' code units and no name stands twice. */
export interface Series {
  readonly name: string
  readonly tags: readonly (readonly [name: string, value: string])[]
}

/** Reserved tag: Clusterman's metric type. */
export const typeTag = '@type'
/** Reserved tag: the key of a value of a multi-valued metric. */
export const keyTag = '@key'

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Makes a series of a name and tags in any order. */
export function series(name: string, tags: Readonly<Record<string, string>> = {}): Series {
  return { name, tags: Object.entries(tags).sort(([a], [b]) => compare(a, b)) }
}

const escapeText = (text: string): string => text.replace(/[\\|,=]/g, '\\$&')

/** `name|tag=value,tag=value`, with backslash escapes for `\ | , =`; a series without tags is its escaped name. */
export function formatSeries({ name, tags }: Series): string {
  if (tags.length === 0) return escapeText(name)
  return `${escapeText(name)}|${tags.map(([tag, value]) => `${escapeText(tag)}=${escapeText(value)}`).join(',')}`
}

/** Reads what {@link formatSeries} writes; tags may stand in any order. */
export function parseSeries(text: string): Series {
  const [name, tags, ...rest] = splitUnescaped(text, '|')
  if (rest.length > 0) throw usageError(`invalid series: expected at most one unescaped "|", got ${text}`)
  if (tags === undefined) return { name: unescapeText(name), tags: [] }
  const pairs = splitUnescaped(tags, ',').map((pair): [string, string] => {
    const [tag, value, ...more] = splitUnescaped(pair, '=')
    if (value === undefined || more.length > 0)
      throw usageError(`invalid series: expected tag=value, got ${pair} in ${text}`)
    return [unescapeText(tag), unescapeText(value)]
  })
  pairs.sort(([a], [b]) => compare(a, b))
  const twice = pairs.find(([tag], i) => i > 0 && tag === pairs[i - 1][0])
  if (twice) throw usageError(`invalid series: tag ${twice[0]} stands twice in ${text}`)
  return { name: unescapeText(name), tags: pairs }
}

const unescapeText = (text: string): string => text.replace(/\\(.)/gs, '$1')

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === separator) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}
