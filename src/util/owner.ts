import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { errorCode } from './errors.ts'

/** A process to which something belongs: enough to tell a live one from a dead one whose number has been given anew. */
export interface Owner {
  readonly host: string
  /** Changes at every boot; undefined where the system has no such thing. */
  readonly boot: string | undefined
  readonly pid: number
  /** When the process started, in clock ticks since boot. */
  readonly started: string | undefined
  /** Tells two things of one process apart. */
  readonly nonce: string
}

export async function thisProcess(): Promise<Owner> {
  return {
    host: hostname(),
    boot: await bootId(),
    pid: process.pid,
    started: (await statOf(process.pid)).started,
    nonce: Math.random().toString(36).slice(2),
  }
}

/** Whether the owner may still be running; one on another host counts as alive. */
export async function isAlive(owner: Omit<Owner, 'nonce'>, self: Omit<Owner, 'nonce'>): Promise<boolean> {
  if (owner.host !== self.host) return true
  if (owner.boot !== self.boot) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  const { state, started } = await statOf(owner.pid)
  return state !== zombie && owner.started === started
}

const bootId = (): Promise<string | undefined> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )

/** The state of a process that has ended, and whose parent has not asked for it. */
const zombie = 'Z'

/** Fields 3 and 22 of `/proc/PID/stat`; the name before them may hold anything, so fields are counted from its closing bracket. */
async function statOf(pid: number): Promise<{ state?: string; started?: string }> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], started: fields[19] }
}
