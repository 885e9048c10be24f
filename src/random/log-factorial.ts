const tableLength = 32

const table = Array.from({ length: tableLength }, () => 0)
for (let n = 2, product = 1; n < tableLength; n++) {
  product *= n
  table[n] = Math.log(product)
}

/** ln(n!) for whole n, to some units in the last place: a table for small n, else Stirling's series. */
export function logFactorial(n: number): number {
  if (n < tableLength) return table[n]
  const square = n * n
  const tail = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / n
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + tail
}
