import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { FileSystem } from './files.ts'
import { isAlive, type Owner, thisProcess } from './owner.ts'

/** What temporary files are for: a file before it has its name, one to be merged. None is ever read by another run. */
type Purpose = 'tmp' | 'new'

/**
 * A new name beside a file, which says what process writes there: `FILE.<host>-<boot>-<pid>-<start>-<nonce>.tmp`. What processes that are
 * dead have left beside the file is removed; what a live one writes, or one on another host, stays.
 */
export async function temporaryBeside(files: FileSystem, path: string, purpose: Purpose): Promise<string> {
  const self = await thisProcess()
  // What cannot be removed is in nobody's way.
  await removeAbandoned(files, path, self).catch(() => undefined)
  return nameBeside(path, `${writerText(self)}-${self.nonce}.${purpose}`)
}

/** The path of what belongs to a file and lies beside it: `FILE.<ending>`. A name that would be too long is cut, and has a digest. */
export const nameBeside = (path: string, ending: string): string => join(dirname(path), `${stemOf(path)}.${ending}`)

async function removeAbandoned(files: FileSystem, path: string, self: Owner): Promise<void> {
  const prefix = `${stemOf(path)}.`
  const own = hashed(self)
  for (const name of await files.list(dirname(path))) {
    const writer = name.startsWith(prefix) ? parseWriter(name.slice(prefix.length)) : undefined
    if (writer && !(await isAlive(writer, own))) await files.remove(join(dirname(path), name))
  }
}

/** Bytes of a file's name that leave room for what comes behind it: file systems take 255. */
const longest = 180

/** What the names beside a file begin with: its own, or where that is too long its beginning and a digest. */
function stemOf(path: string): string {
  const name = basename(path)
  if (Buffer.byteLength(name) <= longest) return name
  return `${[...name].slice(0, longest / 5).join('')}-${digest(name)}`
}

/** An owner as names tell it: the host and its boot are digests, which fit into a name. */
type Writer = Omit<Owner, 'nonce'>

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

const hashed = ({ host, boot, pid, started }: Owner): Writer => ({
  host: digest(host),
  boot: boot === undefined ? undefined : digest(boot),
  pid,
  started,
})

function writerText(owner: Owner): string {
  const { host, boot = '', pid, started = '' } = hashed(owner)
  return [host, boot, pid, started].join('-')
}

/** The process in what a name has behind that of the file. */
function parseWriter(text: string): Writer | undefined {
  const form = /^(?<host>[0-9a-f]{8})-(?<boot>[0-9a-f]{8}|)-(?<pid>\d+)-(?<started>\d*)-[0-9a-z]+\.(?:tmp|new)$/
  const groups = form.exec(text)?.groups
  if (!groups) return undefined
  const { host, boot, pid, started } = groups
  return { host, boot: boot || undefined, pid: Number(pid), started: started || undefined }
}
