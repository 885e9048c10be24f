import { expect, it } from 'vitest'
import { createPatience } from '../../src/archive/patience.ts'

/** Reads so many lines, of which every `of`th one is unknown. Returns how many were learnt from, and how many were not looked at. */
function read(patience: ReturnType<typeof createPatience>, lines: number, of: number) {
  let [lessons, unseen] = [0, 0]
  for (let i = 0; i < lines; i++) {
    if (patience.isLost()) {
      patience.addUnseen()
      unseen++
    } else if (i % of > 0) patience.addKnown(1)
    else {
      patience.addLesson()
      lessons++
    }
  }
  return { lessons, unseen }
}

it('patience with lines that all look new is soon lost: next to none of them is learnt from', () => {
  const { lessons, unseen } = read(createPatience(), 1_000_000, 1)
  expect(lessons).toBeLessThan(20_000)
  expect(lessons + unseen).toBe(1_000_000)
})

it('patience lasts while most lines are known', () => {
  expect(read(createPatience(), 1_000_000, 10).unseen).toBe(0)
})

it('patience is lost where known lines become rare, and comes back where they are many again', () => {
  const patience = createPatience()
  read(patience, 100_000, 10)
  expect(read(patience, 100_000, 2).unseen).toBeGreaterThan(90_000)
  read(patience, 1 << 15, 1)
  expect(read(patience, 100_000, 10).unseen).toBeLessThan(1 << 15)
  expect(read(patience, 100_000, 10).unseen).toBe(0)
})
