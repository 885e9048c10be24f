import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { errorCode, refusal } from './errors.ts'
import { type FileSystem, nodeFiles } from './files.ts'

/** Who holds a lock; a process is told from a later one with the same number by when it started, and on which boot. */
interface Owner {
  readonly host: string
  readonly pid: number
  readonly boot?: string
  readonly started?: string
}

export interface Lock {
  release(): Promise<void>
}

/**
 * Takes a lock file that one process at a time may hold. An owner that has died does not hold it.
 * @throws a refusal that names the owner
 */
export async function takeLock(path: string, files: FileSystem = nodeFiles): Promise<Lock> {
  const self: Owner = { host: hostname(), pid: process.pid, ...(await identityOf(process.pid)) }
  for (;;) {
    if (await write(files, path, self)) return { release: () => files.remove(path) }
    const owner = await readOwner(files, path)
    if (owner && (await isHeld(owner))) throw held(path, owner)
    await files.remove(path)
  }
}

async function write(files: FileSystem, path: string, owner: Owner): Promise<boolean> {
  try {
    const file = await files.open(path, 'exclusive')
    await file.write(Buffer.from(`${JSON.stringify(owner)}\n`))
    await file.close()
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

async function readOwner(files: FileSystem, path: string): Promise<Owner | undefined> {
  const bytes = await files.read(path)
  try {
    return bytes && JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}

async function isHeld(owner: Owner): Promise<boolean> {
  if (owner.host !== hostname()) return true
  const now = await identityOf(owner.pid)
  if (now.boot !== owner.boot) return false
  return isRunning(owner.pid) && now.started === owner.started
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Boot and start time of a process, where the system tells them in /proc. */
async function identityOf(pid: number): Promise<{ boot?: string; started?: string }> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => undefined)
  const boot = (await read('/proc/sys/kernel/random/boot_id'))?.trim()
  const stat = await read(`/proc/${pid}/stat`)
  // The 22nd field, counted behind the name, which may hold blanks and brackets.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return { boot, started }
}

const held = (path: string, { host, pid }: Owner) =>
  refusal(
    `another run holds ${path}: process ${pid} on ${host}`,
    host === hostname() ? 'wait for it to end' : `if it is surely dead there, take over with: rm ${path}`,
  )
