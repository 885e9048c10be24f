import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { line, metric } from '../archive/support.ts'

/** When the hour begins that hand-made archives lie in: 2014-02-14T14:00:00Z. */
export const start = Date.UTC(2014, 1, 14, 14)

/** The name of the file that is flushed so many minutes after `start`. */
export const nameAt = (minutes: number): string => `20140214_${start + minutes * 60_000}.json.gz`

/** A line of one check, so many seconds after `start`, whose only metric is this number, and its end. */
export const lineAt = (seconds: number, value = seconds, fields: object = {}): string =>
  `${line({ timestamp: start + seconds * 1_000, ...fields }, { m: metric({ valueDbl: value }) })}\n`

export const gzip = (...lines: string[]): Buffer => gzipSync(lines.join(''))

/** What becomes of a path: it holds these bytes, or whatever the function makes of it. */
export type Content = string | Uint8Array | ((path: string) => void)

/** Writes files into a directory, which is made where it is missing. */
export function writeFiles(directory: string, files: Readonly<Record<string, Content>>): void {
  mkdirSync(directory, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name)
    if (typeof content === 'function') content(path)
    else writeFileSync(path, content)
  }
}
