import type { Clock } from './clock.ts'

/** So much a second and no more, whoever takes it. */
export interface Allowance {
  /** Takes some, beyond what is there if need be. */
  take(amount: number): void
  /** Waits until what has been taken by now has come in. */
  wait(signal?: AbortSignal): Promise<void>
}

export function allowance(perSecond: number, clock: Clock): Allowance {
  let paidAt = 0
  return {
    take(amount) {
      paidAt = Math.max(paidAt, clock.now()) + (amount * 1_000) / perSecond
    },
    async wait(signal) {
      const left = paidAt - clock.now()
      if (left > 1) await clock.sleep(left, signal)
    },
  }
}
