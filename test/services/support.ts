import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A real server that a test talks to. */
export interface Server {
  readonly url: string
  /** Ends it in order and removes what it kept. */
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

export const run = promisify(execFile)

/** Where installed servers and their data lie; ignored by git. */
export function cacheFolder(...names: string[]): string {
  const folder = join(import.meta.dirname, '../../.cache', ...names)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** A server, or another program, or undefined where it cannot be had: loud on a developer's machine, a failure in CI. */
export async function serverOrSkip<S>(name: string, start: () => Promise<S>): Promise<S | undefined> {
  try {
    return await start()
  } catch (error) {
    if (process.env.CI) throw error
    console.warn(`SKIPPED: the tests on ${name}, which could not be started: ${error}`)
    return undefined
  }
}

// Below those that systems give to outgoing connections, one of which could else take the port of a server that is being restarted.
const [firstPort, lastPort] = [10_000, 32_000]

/** `count` ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort))
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Does a piece of work in one process at a time: test files start their servers side by side. */
export async function oneAtATime<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(cacheFolder(), `${name}.lock`)
  while (!takeLock(lock)) await sleep(200)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(ownerOf(path))) rmSync(path, { force: true })
    return false
  }
}

function ownerOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || process.pid
  } catch {
    return process.pid
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Starts a process whose output goes to a file. It dies with the test process that started it. */
export function startProcess(command: readonly string[], log: string): ChildProcess {
  const output = openSync(log, 'a')
  const [file, ...args] = command
  const child = spawn(file, args, { stdio: ['ignore', output, output] })
  closeSync(output)
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  return child
}

/** Ends a process and waits until it is gone. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await gone
}

/** Waits until `ready` no longer throws, at most `timeout` ms. */
export async function waitUntil(ready: () => Promise<void>, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout
  for (;;) {
    try {
      return await ready()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}
