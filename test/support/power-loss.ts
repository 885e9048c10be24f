import { basename, dirname } from 'node:path'
import type { FileSystem } from '../../src/util/files.ts'
import { partsOf } from '../../src/util/parts.ts'

/**
 * What a loss of power leaves of what nobody has made durable: `nothing`; the `names` of files and directories, but no bytes; `torn`:
 * names, and of every file the first half of the bytes that were not synced; `everything`, as when only the process is killed.
 */
export const survivals = ['nothing', 'names', 'torn', 'everything'] as const

export type Survival = (typeof survivals)[number]

/** Thrown by every call after the power has gone. */
export class PowerLoss extends Error {}

/** A file system in memory that forgets what was not synced. */
export interface ForgetfulFiles extends FileSystem {
  /** Calls so far that change something. */
  readonly steps: number
  /** Lets the power go before the call that is number `step`, counted from 0 since the files were made or came back. */
  loseAt(step: number): void
  /** What is there once the power is back. */
  restored(survival: Survival): ForgetfulFiles
  /** Every file there is. */
  paths(): string[]
}

interface File {
  bytes: Buffer
  durable: Buffer
}

interface Directory {
  entries: Map<string, Node>
  durable: Map<string, Node>
}

type Node = File | Directory

const isFile = (node: Node): node is File => 'bytes' in node
const newDirectory = (): Directory => ({ entries: new Map(), durable: new Map() })
const systemError = (code: string, path: string) => Object.assign(new Error(`${code}: ${path}`), { code })

/** An empty file system whose directory `path` is there. */
export function forgetfulFiles(path: string): ForgetfulFiles {
  const root = newDirectory()
  let parent = root
  for (const name of namesOf(path)) {
    const directory = newDirectory()
    parent.entries.set(name, directory)
    parent.durable.set(name, directory)
    parent = directory
  }
  return onTree(root)
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '')

function onTree(root: Directory): ForgetfulFiles {
  let steps = 0
  let lastStep = Number.POSITIVE_INFINITY
  const step = () => {
    if (steps >= lastStep) throw new PowerLoss(`no power since step ${lastStep}`)
    steps++
  }
  const find = (path: string): Node | undefined => {
    let node: Node | undefined = root
    for (const name of namesOf(path)) node = node && !isFile(node) ? node.entries.get(name) : undefined
    return node
  }
  const directoryAt = (path: string): Directory => {
    const node = find(path)
    if (!node) throw systemError('ENOENT', path)
    if (isFile(node)) throw systemError('ENOTDIR', path)
    return node
  }

  return {
    get steps() {
      return steps
    },
    loseAt(at) {
      lastStep = at
    },
    restored: (survival) => onTree(survivors(root, survival)),
    paths: () => pathsIn(root, ''),

    async open(path, mode) {
      step()
      const folder = directoryAt(dirname(path))
      const known = folder.entries.get(basename(path))
      if (known && mode === 'exclusive') throw systemError('EEXIST', path)
      const file = known ?? { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) }
      if (!isFile(file)) throw systemError('EISDIR', path)
      if (mode === 'create') file.bytes = Buffer.alloc(0)
      folder.entries.set(basename(path), file)
      return {
        async write(bytes) {
          step()
          file.bytes = Buffer.concat([file.bytes, bytes])
        },
        async sync() {
          step()
          file.durable = file.bytes
        },
        async close() {},
      }
    },
    async readParts(path, work) {
      const bytes = await this.read(path)
      return bytes && work(partsOf(bytes))
    },
    async read(path) {
      const node = find(path)
      if (node && !isFile(node)) throw systemError('EISDIR', path)
      return node?.bytes
    },
    async list(path) {
      const node = find(path)
      if (node && isFile(node)) throw systemError('ENOTDIR', path)
      return [...(node?.entries.keys() ?? [])]
    },
    async rename(from, to) {
      step()
      const [source, target] = [directoryAt(dirname(from)), directoryAt(dirname(to))]
      const node = source.entries.get(basename(from))
      if (!node) throw systemError('ENOENT', from)
      source.entries.delete(basename(from))
      target.entries.set(basename(to), node)
    },
    async remove(path) {
      step()
      const folder = find(dirname(path))
      if (folder && !isFile(folder)) folder.entries.delete(basename(path))
    },
    async makeDirectory(path) {
      step()
      const folder = directoryAt(dirname(path))
      if (folder.entries.has(basename(path))) throw systemError('EEXIST', path)
      folder.entries.set(basename(path), newDirectory())
    },
    async syncDirectory(path) {
      step()
      const folder = directoryAt(path)
      forgetOldNames(root, new Set(folder.entries.values()))
      folder.durable = new Map(folder.entries)
    },
  }
}

const pathsIn = ({ entries }: Directory, path: string): string[] =>
  [...entries].flatMap(([name, node]) => (isFile(node) ? [`${path}/${name}`] : pathsIn(node, `${path}/${name}`)))

/** A rename is one step of a file system's own journal: once the new name is durable the old one is gone. */
function forgetOldNames(folder: Directory, renamed: ReadonlySet<Node>): void {
  for (const [name, node] of folder.durable) {
    if (renamed.has(node) && folder.entries.get(name) !== node) folder.durable.delete(name)
    if (!isFile(node)) forgetOldNames(node, renamed)
  }
}

function survivors(node: Directory, survival: Survival): Directory {
  const names = survival === 'nothing' ? node.durable : node.entries
  const entries = new Map<string, Node>()
  for (const [name, child] of names) {
    if (!isFile(child)) entries.set(name, survivors(child, survival))
    else {
      const bytes = survivingBytes(child, survival)
      entries.set(name, { bytes, durable: bytes })
    }
  }
  return { entries, durable: new Map(entries) }
}

function survivingBytes({ bytes, durable }: File, survival: Survival): Buffer {
  if (survival === 'everything') return bytes
  if (survival !== 'torn' || !bytes.subarray(0, durable.length).equals(durable)) return durable
  return bytes.subarray(0, durable.length + Math.ceil((bytes.length - durable.length) / 2))
}
