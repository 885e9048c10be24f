import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { ExitCode, UserError } from '../../src/util/errors.ts'
import { nodeFiles } from '../../src/util/files.ts'
import { acquireLock } from '../../src/util/lock.ts'
import { temporaryBeside } from '../../src/util/temporary.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
let path: string
let locks = 0

beforeEach(() => {
  path = join(root, `lock-${locks++}`)
})

/** What lies beside the lock. */
const remains = () => readdirSync(root).filter((name) => join(root, name).startsWith(`${path}.`))

/** Who this process is to the lock. */
async function self(): Promise<Record<string, unknown>> {
  const lock = await acquireLock(path)
  const owner = JSON.parse(readFileSync(path, 'utf8'))
  await lock.release()
  return owner
}

const putOwner = (owner: object) => writeFileSync(path, JSON.stringify({ ...owner, nonce: 'theirs' }))

const refusal = async (attempt: Promise<unknown>): Promise<UserError> => {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  return error as UserError
}

describe('a lock', () => {
  it('is there while it is held, and nothing is left once it is released', async () => {
    const lock = await acquireLock(path)
    expect(existsSync(path)).toBe(true)
    expect(remains()).toEqual([])
    await lock.release()
    expect(existsSync(path)).toBe(false)
  })

  it('is refused while a live process holds it, whose number and host are told', async () => {
    const { pid, host } = await self()
    const lock = await acquireLock(path)
    for (const takeOver of [false, true]) {
      const { exitCode, message } = await refusal(acquireLock(path, { takeOver }))
      expect(exitCode).toBe(ExitCode.refused)
      expect(message).toBe(`locked: process ${pid} on host ${host} holds ${path}`)
    }
    await lock.release()
  })

  it('is not released by one who has lost it', async () => {
    const owner = await self()
    const lock = await acquireLock(path)
    putOwner(owner)
    await lock.release()
    expect(existsSync(path)).toBe(true)
  })

  it.each([
    ['of a process that is dead', { pid: 2 ** 22 + 1 }],
    ['of a process whose number has been given anew', { started: '1' }],
    ['of an earlier boot', { boot: 'another' }],
  ])('%s is taken over', async (_which, change) => {
    putOwner({ ...(await self()), ...change })
    const lock = await acquireLock(path)
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid)
    expect(remains()).toEqual([])
    await lock.release()
  })

  it('that a loss of power has emptied is taken over', async () => {
    writeFileSync(path, '')
    await (await acquireLock(path)).release()
    expect(existsSync(path)).toBe(false)
  })

  it('of another host is taken over only on demand, and the refusal says how', async () => {
    putOwner({ ...(await self()), host: 'elsewhere', pid: 1 })
    const { exitCode, message, hint } = await refusal(acquireLock(path))
    expect(exitCode).toBe(ExitCode.refused)
    expect(message).toContain('process 1 on host elsewhere')
    expect(hint).toContain('--take-over')
    await (await acquireLock(path, { takeOver: true })).release()
  })

  it('removes what a process has left that died before it had written its name', async () => {
    const { pid } = spawnSync('true')
    const ours = await temporaryBeside(nodeFiles, path, 'tmp')
    writeFileSync(ours.replace(`-${process.pid}-`, `-${pid}-`), '')
    expect(remains()).toHaveLength(1)
    const lock = await acquireLock(path)
    expect(remains()).toEqual([])
    await lock.release()
  })

  it('removes what a process has left that died while it took the lock', async () => {
    const dead = { ...(await self()), pid: 2 ** 22 + 1 }
    putOwner(dead)
    for (const name of ['.1-abc', '.over-theirs', '.1-abc.dead'])
      writeFileSync(`${path}${name}`, JSON.stringify({ ...dead, nonce: 'abc' }))
    await (await acquireLock(path)).release()
    expect(remains()).toEqual([])
  })
})

describe('several processes that want one lock at once', () => {
  const script = `
    const { acquireLock } = await import(process.argv[1])
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const answer = await acquireLock(process.argv[2]).then(() => 'held', (error) => error.exitCode === 7 ? 'refused' : String(error))
    process.stdout.write(answer)
    await new Promise((resolve) => process.stdin.once('end', resolve).resume())`
  const module = join(import.meta.dirname, '../../dist/util/lock.js')

  async function race(count: number): Promise<string[]> {
    const children = Array.from({ length: count }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script, module, path], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    const ends = children.map((child) => once(child, 'close'))
    for (const child of children) child.stdin.write('go')
    const answers = await Promise.all(children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])))
    for (const child of children) child.stdin.end()
    await Promise.all(ends)
    return answers.sort()
  }

  it.each([
    ['a free lock', undefined],
    ['a stale lock', { pid: 2 ** 22 + 1 }],
  ])('find that exactly one gets %s', async (_which, change) => {
    for (let round = 0; round < 3; round++) {
      if (change) putOwner({ ...(await self()), ...change })
      expect(await race(4)).toEqual(['held', 'refused', 'refused', 'refused'])
    }
  })
})
