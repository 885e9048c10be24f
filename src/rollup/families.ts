import type { Family } from '../metric/lines.ts'
import { compareBytes, sortByBytes } from '../util/bytes.ts'
import type { SlotKernel } from './slot-kernel.ts'

/** The families that a kernel knows; the lines come from several threads that number them each in their own way. */
export interface Families {
  readonly size: number
  /** The kernel's own number of a family. */
  idOf(family: Family): number
  /** Tells the kernel which series are in several families, or in one twice: to be called before a slot closes. */
  unite(): void
  /** The series of some families, given by their numbers. */
  inOrder(ids: ReadonlySet<number>): Ordered
}

/** Series in the order of the bytes of their texts. A series has several places where it is in several families. */
export interface Ordered {
  readonly texts: readonly string[]
  readonly places: Uint32Array
}

interface Known {
  readonly family: Family
  readonly id: number
  /** Of its first series. */
  readonly place: number
  isCompared: boolean
}

export function createFamilies(kernel: SlotKernel): Families {
  const byPrefix = new Map<string, Known[]>()
  /** The first place of each series that may be in several families. */
  const owners = new Map<string, number>()
  let size = 0
  let runs: Run[] = []
  let isUnited = true
  /** All of them, until another one is added. */
  let all: Ordered | undefined

  const add = (family: Family, alike: Known[]): number => {
    const id = kernel.addFamily(family.names.length)
    alike.push({ family, id, place: kernel.firstPlace(id), isCompared: false })
    byPrefix.set(family.prefix, alike)
    size++
    isUnited = false
    all = undefined
    return id
  }
  const compare = (known: Known) => {
    if (known.isCompared) return
    known.isCompared = true
    for (const [i, text] of textsOf(known.family).entries()) {
      const owner = owners.get(text)
      if (owner === undefined) owners.set(text, known.place + i)
      else kernel.unite(known.place + i, owner)
    }
  }
  const unite = () => {
    if (isUnited) return
    isUnited = true
    runs = runsOf(byPrefix)
    for (const { families, isTangled } of runs) if (isTangled) families.forEach(compare)
  }

  return {
    get size() {
      return size
    },
    idOf(family) {
      const alike = byPrefix.get(family.prefix) ?? []
      return alike.find((known) => isSame(known.family.names, family.names))?.id ?? add(family, alike)
    },
    unite,
    inOrder(ids) {
      unite()
      if (ids.size < size) return order(runs, ({ id }) => ids.has(id))
      all ??= order(runs, () => true)
      return all
    },
  }
}

function order(runs: readonly Run[], isMeant: (known: Known) => boolean): Ordered {
  const begun = { texts: [], places: [] }
  for (const { families, isTangled } of runs) {
    const meant = families.filter(isMeant)
    if (isTangled) addTangled(meant, begun)
    else for (const known of meant) addFamily(known, begun)
  }
  return { texts: begun.texts, places: new Uint32Array(begun.places) }
}

interface Begun {
  readonly texts: string[]
  readonly places: number[]
}

function addFamily({ family: { prefix, names }, place }: Known, { texts, places }: Begun): void {
  for (const i of orderOf(names)) {
    texts.push(prefix + names[i])
    places.push(place + i)
  }
}

function addTangled(families: readonly Known[], { texts, places }: Begun): void {
  const byText = new Map<string, number[]>()
  for (const { family, place } of families) {
    for (const [i, text] of textsOf(family).entries()) {
      const known = byText.get(text)
      if (known) known.push(place + i)
      else byText.set(text, [place + i])
    }
  }
  for (const text of sortByBytes([...byText.keys()])) {
    texts.push(text)
    places.push(...(byText.get(text) ?? []))
  }
}

/** Families of which one prefix begins every other one, in the order of the bytes of their prefixes. */
interface Run {
  readonly families: readonly Known[]
  /** Whether their series may interleave, or be the same. */
  readonly isTangled: boolean
}

/** All families, in the order of the bytes of their prefixes. */
function runsOf(byPrefix: ReadonlyMap<string, readonly Known[]>): Run[] {
  const runs: Known[][] = []
  let first: string | undefined
  for (const prefix of sortByBytes([...byPrefix.keys()])) {
    const known = byPrefix.get(prefix) ?? []
    if (first !== undefined && prefix.startsWith(first)) runs[runs.length - 1].push(...known)
    else {
      first = prefix
      runs.push([...known])
    }
  }
  return runs.map((families) => ({ families, isTangled: families.length > 1 || hasTwice(families[0].family.names) }))
}

const textsOf = ({ prefix, names }: Family): readonly string[] => names.map((name) => prefix + name)

/** What is found is kept as long as the names that it is found of: families of one type share theirs, and outlive chunks. */
function remember<Result>(find: (names: readonly string[]) => Result): (names: readonly string[]) => Result {
  const known = new WeakMap<readonly string[], Result>()
  return (names) => {
    if (!known.has(names)) known.set(names, find(names))
    return known.get(names) as Result
  }
}

const hasTwice = remember((names) => new Set(names).size < names.length)

/** The places of names in the order of their bytes. */
const orderOf = remember((names): readonly number[] =>
  names.map((_, i) => i).sort((a, b) => compareBytes(names[a], names[b])),
)

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((name, i) => name === b[i]))
