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

/** `1.2 GB`, with three digits. */
export function formatSize(bytes: number): string {
  const exponent = Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  if (exponent === 0) return `${Math.round(bytes)} B`
  return `${Number((bytes / 1000 ** exponent).toPrecision(3))} ${'kMGT'[exponent - 1]}B`
}
