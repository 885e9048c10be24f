import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { usageError } from '../util/errors.ts'
import { type Problem, show } from './issues.ts'

/** The YAML text of a design: what it says, and where. */
export interface DesignText {
  readonly content: Readonly<Record<string, unknown>>
  /** The members of the object at `path`, in the order of the text, those that merge keys bring before all others. */
  membersOf(path: readonly string[], object: Readonly<Record<string, unknown>>): [name: string, value: unknown][]
  /** `design.yaml:12:9: app_metrics.runs.values: …` */
  locate(problem: Problem): string
}

const mostProblems = 10

/** The first problems, each in a line of its own. */
export const listed = (problems: readonly string[]): string => problems.slice(0, mostProblems).join('\n')

/**
 * Reads the text of a design. Anchors, aliases and merge keys are resolved.
 * @param name of the file, for messages
 * @throws a usage error where the text is no YAML, or no object
 */
export function parseDesignText(text: string, name: string): DesignText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const syntax = document.errors.map(
    ({ message, pos }) => `${name}:${position(lines, pos[0])}: ${message.toLowerCase()}`,
  )
  if (syntax.length > 0) throw usageError(listed(syntax))
  const top = document.contents as Node | null
  return {
    content: readContent(document, name),
    membersOf(path, object) {
      const map = nodeAt(document, top, path)
      const names = isMap(map) ? namesIn(document, map) : []
      // An object puts names that look like integers first.
      const all = new Set([...names, ...Object.keys(object)])
      return [...all].filter((one) => Object.hasOwn(object, one)).map((one) => [one, object[one]])
    },
    locate({ path, message }) {
      const offset = offsetOf(document, top, path)
      return `${name}:${position(lines, offset)}: ${path.map(String).join('.')}: ${message}`
    },
  }
}

function readContent(document: Document, name: string): Record<string, unknown> {
  const content = toJs(document, name)
  if (typeof content === 'object' && content !== null && !Array.isArray(content))
    return content as Record<string, unknown>
  throw usageError(`${name}:1:1: expected metrics by name, got ${show(content)}`)
}

function toJs(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    throw usageError(`${name}: ${(error as Error).message.toLowerCase()}`)
  }
}

function position(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

const resolved = (document: Document, node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)

/** Where the node at `path` starts, or the innermost node around it that stands in the text. */
function offsetOf(document: Document, node: Node | null, path: readonly PropertyKey[]): number {
  const found = resolved(document, node)
  const start = node?.range?.[0] ?? 0
  if (path.length === 0 || !found) return start
  const [key, ...rest] = path
  if (isSeq(found)) return offsetOf(document, (found.items[Number(key)] as Node | undefined) ?? node, rest)
  const pair = isMap(found) ? findPair(document, found, String(key)) : undefined
  if (!pair) return start
  if (rest.length === 0 || !pair.value) return (pair.key as Node).range?.[0] ?? start
  return offsetOf(document, pair.value as Node, rest)
}

/** The node at a path of names; undefined where there is none. */
function nodeAt(document: Document, node: unknown, path: readonly string[]): unknown {
  const found = resolved(document, node)
  if (path.length === 0) return found
  const pair = isMap(found) ? findPair(document, found, path[0]) : undefined
  return nodeAt(document, pair?.value, path.slice(1))
}

const isMerge = ({ key }: Pair): boolean => isScalar(key) && key.source === '<<'

/** The maps that a map merges; of those that have the same name the first one counts. */
function mergedMaps(document: Document, { items }: YAMLMap): YAMLMap[] {
  const targets = items.filter(isMerge).map(({ value }) => resolved(document, value))
  const maps = targets.flatMap((target) =>
    isSeq(target) ? target.items.map((item) => resolved(document, item)) : target,
  )
  return maps.filter(isMap)
}

function findPair(document: Document, map: YAMLMap, name: string): Pair | undefined {
  const own = map.items.find(({ key }) => isScalar(key) && String(key.value) === name)
  if (own) return own
  for (const merged of mergedMaps(document, map)) {
    const pair = findPair(document, merged, name)
    if (pair) return pair
  }
  return undefined
}

/** The names of a map in Python's order: those that it merges come first, of several maps the last one's. */
function namesIn(document: Document, map: YAMLMap): string[] {
  const merged = mergedMaps(document, map)
    .toReversed()
    .flatMap((one) => namesIn(document, one))
  const own = map.items.filter((pair) => !isMerge(pair)).map(({ key }) => resolved(document, key))
  return [...merged, ...own.flatMap((key) => (isScalar(key) ? [String(key.value)] : []))]
}
