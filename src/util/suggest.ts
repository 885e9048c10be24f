/** The known word that `word` most likely means: at most a third of its letters, or two, apart from it; undefined where there is none. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.min(2, Math.floor(word.length / 3)))
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  return ranked[0] && ranked[0].distance <= limit ? ranked[0].candidate : undefined
}

/** `; did you mean gauss?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const candidate = nearest(word, known)
  return candidate === undefined ? '' : `; did you mean ${candidate}?`
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? rows[i - 2][j - 2] + 1 : replaced
      row.push(Math.min(replaced, swapped, rows[i - 1][j] + 1, row[j - 1] + 1))
    }
    rows.push(row)
  }
  return rows[a.length][b.length]
}
