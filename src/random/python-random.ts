import { mersenneTwister, type NextWord } from './mt19937.ts'
import { type Seed, seedKey } from './seed.ts'

/** The primitives of Python's `random.Random`, from which every distribution is made: the same seed gives CPython's numbers. */
export interface PythonRandom {
  /** A number in [0, 1) with 53 random bits. Takes two words. */
  random(): number
  /** An integer in [0, n), for whole n from 1 to 2^53. Bits are drawn until they make a number below n. */
  below(n: number): number
  /** A number of the standard normal distribution. They are made in pairs: every second call draws nothing. */
  standardGauss(): number
}

export function pythonRandom(seed: Seed): PythonRandom {
  const word = mersenneTwister(seedKey(seed))
  const random = () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000
  return {
    random,
    below: (n) => below(word, n),
    standardGauss: gaussPairs(random),
  }
}

function below(word: NextWord, n: number): number {
  const bits = bitLength(n)
  let value: number
  do value = bits <= 32 ? word() >>> (32 - bits) : word() + (word() >>> (64 - bits)) * 0x100000000
  while (value >= n)
  return value
}

/** Bits that n takes: those of n itself, not of n - 1. */
const bitLength = (n: number): number =>
  n < 0x100000000 ? 32 - Math.clz32(n) : 64 - Math.clz32(Math.floor(n / 0x100000000))

/** Box and Muller's method. */
function gaussPairs(random: () => number): () => number {
  let kept: number | undefined
  return () => {
    if (kept !== undefined) {
      const value = kept
      kept = undefined
      return value
    }
    const angle = random() * 2 * Math.PI
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    kept = Math.sin(angle) * radius
    return Math.cos(angle) * radius
  }
}
