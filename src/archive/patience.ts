/** So often something is learnt before it is judged. */
const lessons = 1 << 7
/** Learning is worth its while where so many lines are known for one that is learnt from. */
const worth = 4
/** So many lines are then not looked at. */
const pause = 1 << 15

/** Judges whether learning is worth its while. It is not where hardly any line looks like an earlier one. */
export interface Patience {
  /** Whether lines are not to be compared now, nor learnt from. */
  isLost(): boolean
  /** So many lines matched what had been learnt. */
  addKnown(lines: number): void
  /** A line was learnt from. */
  addLesson(): void
  /** A line was read while patience was lost. */
  addUnseen(): void
}

export function createPatience(): Patience {
  let known = 0
  let learnt = 0
  let left = 0
  return {
    isLost: () => left > 0,
    addKnown(lines) {
      known += lines
    },
    addLesson() {
      if (++learnt < lessons) return
      if (known < worth * lessons) left = pause
      known = 0
      learnt = 0
    },
    addUnseen() {
      left--
    },
  }
}
