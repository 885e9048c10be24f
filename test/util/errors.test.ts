import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { rootError, UserError, wordSystemError } from '../../src/util/errors.ts'

describe('a failure of the machine', () => {
  it('is worded: what, at which call, where', async () => {
    const error = await readFile('/nowhere/at all').catch(wordSystemError)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({ message: 'no such file or directory: open /nowhere/at all', exitCode: 1 })
  })

  it('says what to do where something can be done', () => {
    const full = Object.assign(new Error('ENOSPC'), { errno: -28, code: 'ENOSPC', syscall: 'write', path: '/lake/x' })
    expect(wordSystemError(full)).toMatchObject({
      message: 'no space left on device: write /lake/x',
      hint: 'make room, then run the command again',
    })
  })

  it('is told from a bug, which stays as it is', () => {
    const bug = new TypeError('x is not a function')
    expect(wordSystemError(bug)).toBe(bug)
  })

  it('is found where cleaning up failed as well', () => {
    const first = new Error('first')
    const suppressed = Object.assign(new Error('both'), { error: new Error('cleaning up'), suppressed: first })
    expect(rootError(suppressed)).toBe(first)
  })
})
