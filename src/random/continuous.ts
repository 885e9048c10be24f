import type { PythonRandom } from './python-random.ts'

/** Draws the next number of a distribution. */
export type Draw = () => number

type Parameters<Name extends string> = Readonly<Record<Name, number>>

/*
 * Each function fixes the parameters of one distribution of Python's `random` and gives its draws, with CPython's own formulas in
 * CPython's order of operations, so that numbers and the words they take are the same.
 */

export const uniform =
  ({ random }: PythonRandom, { a, b }: Parameters<'a' | 'b'>): Draw =>
  () =>
    a + (b - a) * random()

export function triangular(
  { random }: PythonRandom,
  { low, high, mode }: Parameters<'low' | 'high'> & { readonly mode: number | null },
): Draw {
  const turn = mode === null ? 0.5 : (mode - low) / (high - low)
  return () => {
    const u = random()
    if (mode !== null && low === high) return low
    return u > turn ? high + (low - high) * Math.sqrt((1 - u) * (1 - turn)) : low + (high - low) * Math.sqrt(u * turn)
  }
}

export const expovariate =
  ({ random }: PythonRandom, { lambd }: Parameters<'lambd'>): Draw =>
  () =>
    -Math.log(1 - random()) / lambd

export const gauss =
  ({ standardGauss }: PythonRandom, { mu, sigma }: Parameters<'mu' | 'sigma'>): Draw =>
  () =>
    mu + standardGauss() * sigma

const kindermanMonahan = (4 * Math.exp(-0.5)) / Math.SQRT2

/** Kinderman and Monahan's ratio of uniforms. */
export const normalvariate =
  ({ random }: PythonRandom, { mu, sigma }: Parameters<'mu' | 'sigma'>): Draw =>
  () => {
    for (;;) {
      const u1 = random()
      const u2 = 1 - random()
      const z = (kindermanMonahan * (u1 - 0.5)) / u2
      if ((z * z) / 4 <= -Math.log(u2)) return mu + z * sigma
    }
  }

export function lognormvariate(random: PythonRandom, parameters: Parameters<'mu' | 'sigma'>): Draw {
  const normal = normalvariate(random, parameters)
  return () => Math.exp(normal())
}

export function gammavariate({ random }: PythonRandom, { alpha, beta }: Parameters<'alpha' | 'beta'>): Draw {
  if (alpha === 1) return () => -Math.log(1 - random()) * beta
  const standard = alpha > 1 ? cheng(random, alpha) : ahrensDieter(random, alpha)
  return () => standard() * beta
}

function cheng(random: Draw, alpha: number): Draw {
  const ainv = Math.sqrt(2 * alpha - 1)
  const bbb = alpha - Math.log(4)
  const ccc = alpha + ainv
  const magic = 1 + Math.log(4.5)
  return () => {
    for (;;) {
      const u1 = random()
      if (!(u1 > 1e-7 && u1 < 0.9999999)) continue
      const u2 = 1 - random()
      const v = Math.log(u1 / (1 - u1)) / ainv
      const x = alpha * Math.exp(v)
      const z = u1 * u1 * u2
      const r = bbb + ccc * v - x
      if (r + magic - 4.5 * z >= 0 || r >= Math.log(z)) return x
    }
  }
}

function ahrensDieter(random: Draw, alpha: number): Draw {
  const b = (Math.E + alpha) / Math.E
  return () => {
    for (;;) {
      const p = b * random()
      const x = p <= 1 ? p ** (1 / alpha) : -Math.log((b - p) / alpha)
      const u = random()
      if (p > 1 ? u <= x ** (alpha - 1) : u <= Math.exp(-x)) return x
    }
  }
}

export function betavariate(random: PythonRandom, { alpha, beta }: Parameters<'alpha' | 'beta'>): Draw {
  const first = gammavariate(random, { alpha, beta: 1 })
  const second = gammavariate(random, { alpha: beta, beta: 1 })
  return () => {
    const y = first()
    return y === 0 ? 0 : y / (y + second())
  }
}

export const paretovariate =
  ({ random }: PythonRandom, { alpha }: Parameters<'alpha'>): Draw =>
  () =>
    (1 - random()) ** (-1 / alpha)

/** `alpha` is the scale, `beta` the shape. */
export const weibullvariate =
  ({ random }: PythonRandom, { alpha, beta }: Parameters<'alpha' | 'beta'>): Draw =>
  () =>
    alpha * (-Math.log(1 - random())) ** (1 / beta)

const fullTurn = 2 * Math.PI

/** Best and Fisher's method; the angle lies in [0, 2π). */
export function vonmisesvariate({ random }: PythonRandom, { mu, kappa }: Parameters<'mu' | 'kappa'>): Draw {
  if (kappa <= 1e-6) return () => fullTurn * random()
  const s = 0.5 / kappa
  const r = s + Math.sqrt(1 + s * s)
  const q = 1 / r
  return () => {
    for (;;) {
      const z = Math.cos(Math.PI * random())
      const d = z / (r + z)
      const u = random()
      if (u >= 1 - d * d && u > (1 - d) * Math.exp(d)) continue
      const angle = Math.acos((q + z) / (1 + q * z))
      return floorMod(random() > 0.5 ? mu + angle : mu - angle, fullTurn)
    }
  }
}

/** The remainder with the divisor's sign, as Python's `%` gives it. */
function floorMod(dividend: number, divisor: number): number {
  const remainder = dividend % divisor
  return remainder < 0 ? remainder + divisor : remainder
}
