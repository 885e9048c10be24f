import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorCode, refusal } from './errors.ts'
import { nodeFiles } from './files.ts'
import { isAlive, type Owner, thisProcess } from './owner.ts'
import { temporaryBeside } from './temporary.ts'

/** Who holds a lock that says nothing: locks appear whole, so that only a loss of power can have emptied it. */
const nobody: Owner = { host: '', boot: undefined, pid: 0, started: undefined, nonce: 'nobody' }

export interface Lock {
  release(): Promise<void>
}

/**
 * Takes the lock at `path`, for one writer on this host. A lock whose owner is dead is taken over; one held on another host, where
 * nobody can tell, only with `takeOver`.
 * @throws a refusal that names the owner
 */
export async function acquireLock(path: string, options: { takeOver?: boolean } = {}): Promise<Lock> {
  const owner = await thisProcess()
  const draft = await temporaryBeside(nodeFiles, path, 'tmp')
  try {
    await writeFile(draft, JSON.stringify(owner))
    while (!(await claim(draft, path))) await takeOver({ draft, path }, owner, options.takeOver ?? false)
  } finally {
    await rm(draft, { force: true })
  }
  await removeRemains(path, owner)
  return {
    async release() {
      if ((await readOwner(path))?.nonce === owner.nonce) await rm(path, { force: true })
    },
  }
}

/** Makes `path` a second name of the draft, so that a lock appears with its content or not at all. */
async function claim(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes a stale lock. Of several processes that see it only the one that claims the warrant for this very lock may do so. */
async function takeOver(files: { draft: string; path: string }, self: Owner, force: boolean): Promise<void> {
  const { draft, path } = files
  const holder = await readOwner(path)
  if (!holder) return
  const isGivenUp = force && holder.host !== self.host
  if (!isGivenUp && holder !== nobody && (await isAlive(holder, self))) throw held(path, holder, self)
  const warrant = `${path}.over-${holder.nonce}`
  if (!(await claim(draft, warrant))) return takeOver({ draft, path: warrant }, self, false)
  if ((await readOwner(path))?.nonce === holder.nonce) await rename(path, `${draft}.dead`)
  await Promise.all([rm(`${draft}.dead`, { force: true }), rm(warrant, { force: true })])
}

/** Removes what processes that died while they took the lock have left beside it. */
async function removeRemains(path: string, self: Owner): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue
    const remains = join(dirname(path), name)
    const owner = await readOwner(remains)
    if (owner && owner !== nobody && !(await isAlive(owner, self))) await rm(remains, { force: true })
  }
}

const held = (path: string, holder: Owner, self: Owner): Error =>
  refusal(
    `locked: process ${holder.pid} on host ${holder.host} holds ${path}`,
    holder.host === self.host
      ? 'wait for it to end, or stop it'
      : 'once you are sure that it is dead, run the same command with --take-over',
  )

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    if (error instanceof SyntaxError) return nobody
    throw error
  }
}
