/** Whether a series is meant by its text form: by a glob (`*` any text, `?` one character), by name, or both; all where neither is given. */
export function seriesMatcher({
  glob,
  names,
}: {
  glob?: string
  names?: readonly string[]
}): (text: string) => boolean {
  const pattern = glob === undefined ? undefined : globPattern(glob)
  const named = names && new Set(names)
  return (text) => (pattern?.test(text) ?? true) && (named?.has(text) ?? true)
}

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'su',
  )
