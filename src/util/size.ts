import { usageError } from './errors.ts'

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
}

/** Reads a number of bytes: `50GB`, `1.5 GiB`, `600000`; a rate too, with `/s` behind it. */
export function parseSize(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?(?:\/s)?\s*$/i.exec(text)
  const bytes = match ? Math.round(Number(match[1]) * units[(match[2] ?? '').toLowerCase()]) : 0
  if (bytes > 0) return bytes
  throw usageError(`invalid size: expected bytes such as 20MB, 50GB or 1GiB, got ${text || 'nothing'}`)
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size in decimal units: `17.9 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(decimal.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${decimal[power]}`
}
