export { formatBytes } from '../util/size.ts'

/** A count as people read it: `1,374,330`. */
export const formatCount = (count: number): string => `${Math.round(count)}`.replace(/\B(?=(\d{3})+$)/g, ',')

/** A span of time: `0.8 s`, `2 min 5 s`, `3 h 20 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}

/** How long the rest will take where this part of a whole took so many seconds: `ETA 2 min 5 s`. */
export const formatTimeLeft = (part: number, seconds: number): string =>
  `ETA ${part > 0 ? formatSeconds((seconds / part) * (1 - part)) : '?'}`

/** `1 file`, `2 files`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** Lines with their first words aligned. */
export function alignPairs(pairs: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, text]) => `${name.padEnd(width)}  ${text}`)
}

/** At most so many lines are listed one by one. */
const listed = 5

/** A heading and the first of some lines below it. */
export function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const more = lines.length > listed ? [`  … and ${formatCount(lines.length - listed)} more`] : []
  return [`${title} (${formatCount(lines.length)}):`, ...lines.slice(0, listed).map((line) => `  ${line}`), ...more]
}

/** A path as a shell takes it. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
