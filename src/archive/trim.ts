/** Without the characters up to U+0020 at either end, as Java trims. */
export const trim = (text: string): string => trimEnd(trimStart(text))

export function trimStart(text: string): string {
  let start = 0
  while (start < text.length && text.charCodeAt(start) <= 0x20) start++
  return text.slice(start)
}

export function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(0, end)
}
