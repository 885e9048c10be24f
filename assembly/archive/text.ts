// Bytes: comparing, hashing and the ends of strings. All may read up to 16 bytes behind what they look at.

/** Whether `length` bytes at two places are the same. */
export function isSame(a: usize, b: usize, length: usize): bool {
  if (length >= 16) return isSameBlocks(a, b, length)
  if (length >= 8) {
    const last = length - 8
    return load<u64>(a) === load<u64>(b) && load<u64>(a + last) === load<u64>(b + last)
  }
  const unwanted = (<u64>(8 - length)) << 3
  return length === 0 || (load<u64>(a) ^ load<u64>(b)) << unwanted === 0
}

/** The last block overlaps the one before. */
function isSameBlocks(a: usize, b: usize, length: usize): bool {
  const last = length - 16
  let differences = v128.xor(v128.load(a + last), v128.load(b + last))
  for (let i: usize = 0; i < last; i += 16) {
    differences = v128.or(differences, v128.xor(v128.load(a + i), v128.load(b + i)))
  }
  return !v128.any_true(differences)
}

const quote: i8 = 0x22
const backslash: i8 = 0x5c

/** Where the first byte stands that does not stand for itself in a string: a quote, a backslash, a control or not ASCII. */
export function skipPlain(from: usize): usize {
  let at = from
  while (true) {
    const bytes = v128.load(at)
    // Compared as signed, what is not ASCII is below the space, too.
    const special = v128.or(
      i8x16.lt_s(bytes, i8x16.splat(0x20)),
      v128.or(i8x16.eq(bytes, i8x16.splat(quote)), i8x16.eq(bytes, i8x16.splat(backslash))),
    )
    const mask = i8x16.bitmask(special)
    if (mask !== 0) return at + ctz(mask)
    at += 16
  }
}

const multiplier: u64 = 0x9e3779b97f4a7

/** Adds bytes to a hash. */
export function addToHash(hash: u64, from: usize, length: usize): u64 {
  let mixed = (hash ^ <u64>length) * multiplier
  let at = from
  let left = length
  for (; left >= 8; left -= 8, at += 8) mixed = (rotr(mixed, 29) ^ load<u64>(at)) * multiplier
  if (left > 0) mixed = (rotr(mixed, 29) ^ (load<u64>(at) << ((8 - left) << 3))) * multiplier
  return mixed ^ (mixed >> 32)
}
