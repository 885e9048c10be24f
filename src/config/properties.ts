/**
 * Reads a Java properties file: `key=value`, `key: value` or `key value` lines, `#` and `!` comments, a backslash at the end of a line
 * that goes on, `\t \n \r \f \uXXXX` escapes. Blanks at the end belong to the value; of a key given twice the last one holds.
 * https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
 *
 * @param text the file, read as ISO-8859-1
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const [, key, value] = /^((?:[^\\\s=:]|\\.)*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line) ?? []
    properties.set(unescapeText(key), unescapeText(value))
  }
  return properties
}

/** Lines without comments and blank ones, each joined with those that continue it. */
function logicalLines(text: string): string[] {
  const lines: string[] = []
  let open: string | undefined
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    if (open === undefined && (line === '' || /^[#!]/.test(line))) continue
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(line)
    const whole = (open ?? '') + (goesOn ? line.slice(0, -1) : line)
    open = goesOn ? whole : undefined
    if (!goesOn) lines.push(whole)
  }
  if (open) lines.push(open)
  return lines
}

const named: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescapeText = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (named[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
