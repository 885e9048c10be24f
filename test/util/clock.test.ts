import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/util/clock.ts'

describe('the clock of the system', () => {
  it('sleeps for months where somebody asks for that, until it is interrupted', async () => {
    const control = new AbortController()
    const sleeping = systemClock.sleep(100 * 86_400_000, control.signal).then(() => 'awake')
    expect(await Promise.race([sleeping, sleep(50, 'asleep')])).toBe('asleep')
    control.abort(new Error('stop'))
    await expect(sleeping).rejects.toThrow('stop')
  })

  it('does not sleep where there is nothing to wait for', async () => {
    await systemClock.sleep(0)
    await systemClock.sleep(-1)
    await expect(systemClock.sleep(0, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  })
})
