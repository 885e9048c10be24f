// JSON numbers.

/** The value read last, and whether it is exactly what parsing gives; if not it is for JavaScript to parse. */
export let value: f64 = 0
export let isExact: bool = false

/** How many powers of ten are exact doubles, from 10^0 on. */
const powerCount: i32 = 23
const powers: usize = memory.data(184)

export function preparePowers(): void {
  let power: f64 = 1
  for (let i = 0; i < powerCount; i++, power *= 10) store<f64>(powers + (i << 3), power)
}

/** More digits than these may not fit into 64 bits. */
const safeDigits: i32 = 19
const maxExact: u64 = 1 << 53

/**
 * Reads a JSON number. Returns where it ends, or 0 where there is none. Where both the digits and the power of ten are exact doubles,
 * one division rounds as parsing does (Clinger 1990); others are not exact.
 */
export function readNumber(start: usize): usize {
  const isNegative = load<u8>(start) === 0x2d
  const first = start + usize(isNegative)
  let mantissa: u64 = 0
  let at = first
  let digit = digitAt(at)
  for (; digit < 10; digit = digitAt(++at)) mantissa = mantissa * 10 + digit
  let digits = at - first
  if (digits === 0 || (digits > 1 && load<u8>(first) === 0x30)) return 0
  let decimals: usize = 0
  if (load<u8>(at) === 0x2e) {
    const point = at++
    for (digit = digitAt(at); digit < 10; digit = digitAt(++at)) mantissa = mantissa * 10 + digit
    decimals = at - point - 1
    if (decimals === 0) return 0
    digits += decimals
  }
  const end = skipExponent(at)
  isExact = end === at && <i32>digits <= safeDigits && mantissa <= maxExact && <i32>decimals < powerCount
  if (isExact) {
    const magnitude = <f64>mantissa / load<f64>(powers + (decimals << 3))
    value = isNegative ? -magnitude : magnitude
  }
  return end
}

/** 10 or more where there is no digit. */
function digitAt(at: usize): u32 {
  return <u32>load<u8>(at) - 0x30
}

/** Where the exponent at a place ends, or the place itself; 0 where it breaks off. */
function skipExponent(start: usize): usize {
  if ((load<u8>(start) | 0x20) !== 0x65) return start
  const sign = load<u8>(start + 1)
  const first = sign === 0x2b || sign === 0x2d ? start + 2 : start + 1
  let at = first
  while (digitAt(at) < 10) at++
  return at > first ? at : 0
}
