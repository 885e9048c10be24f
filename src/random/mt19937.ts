const size = 624
const shift = 397

/** The next 32-bit word of a generator, as an unsigned number. */
export type NextWord = () => number

/**
 * The Mersenne Twister MT19937 of Matsumoto and Nishimura, seeded by an array of words (`init_by_array`).
 * @see http://www.math.sci.hiroshima-u.ac.jp/m-mat/MT/MT2002/emt19937ar.html
 */
export function mersenneTwister(key: Uint32Array): NextWord {
  const state = initByArray(key)
  let position = size
  return () => {
    if (position === size) {
      twist(state)
      position = 0
    }
    let word = state[position++]
    word ^= word >>> 11
    word ^= (word << 7) & 0x9d2c5680
    word ^= (word << 15) & 0xefc60000
    return (word ^ (word >>> 18)) >>> 0
  }
}

function twist(state: Int32Array): void {
  const mix = (i: number, next: number, far: number) => {
    const word = (state[i] & 0x80000000) | (state[next] & 0x7fffffff)
    state[i] = state[far] ^ (word >>> 1) ^ (word & 1 ? 0x9908b0df : 0)
  }
  let i = 0
  for (; i < size - shift; i++) mix(i, i + 1, i + shift)
  for (; i < size - 1; i++) mix(i, i + 1, i + shift - size)
  mix(size - 1, 0, shift - 1)
}

function initByArray(key: Uint32Array): Int32Array {
  const state = initByWord(19650218)
  let i = 1
  const advance = () => {
    if (++i < size) return
    state[0] = state[size - 1]
    i = 1
  }
  const scrambled = (factor: number) => state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), factor)
  for (let step = 0; step < Math.max(size, key.length); step++) {
    const j = step % key.length
    state[i] = scrambled(1664525) + key[j] + j
    advance()
  }
  for (let step = 0; step < size - 1; step++) {
    state[i] = scrambled(1566083941) - i
    advance()
  }
  state[0] = 0x80000000
  return state
}

function initByWord(seed: number): Int32Array {
  const state = new Int32Array(size)
  state[0] = seed
  for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i
  return state
}
