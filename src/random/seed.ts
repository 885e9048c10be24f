import { createHash } from 'node:crypto'

/** What Python's `random.seed` takes: an integer of any size and sign, or a text. */
export type Seed = bigint | string

/**
 * The key words that CPython makes of a seed: those of an integer's absolute value, the least significant first; a text is first made the
 * big-endian integer of its UTF-8 bytes followed by their SHA-512 digest (version 2 of `random.seed`).
 */
export function seedKey(seed: Seed): Uint32Array {
  let rest = typeof seed === 'string' ? integerOf(seed) : seed < 0n ? -seed : seed
  const words: number[] = []
  do {
    words.push(Number(rest & 0xffffffffn))
    rest >>= 32n
  } while (rest > 0n)
  return Uint32Array.from(words)
}

function integerOf(text: string): bigint {
  const bytes = Buffer.from(text, 'utf8')
  const digest = createHash('sha512').update(bytes).digest('hex')
  return BigInt(`0x${bytes.toString('hex')}${digest}`)
}
