import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** A raw archive file of a test. */
export interface RawFile {
  readonly name: string
  readonly lines: readonly string[]
}

/** The name that Blueflood's ingestion gives a file that it flushes at `time`. */
export const rawName = (time: number, chunk = 0): string =>
  `${new Date(time).toISOString().slice(0, 10).replaceAll('-', '')}_${time}_${chunk}.json.gz`

/** Writes files into a directory, which is made where it is missing. */
export function writeRaw(directory: string, files: readonly RawFile[]): void {
  mkdirSync(directory, { recursive: true })
  for (const { name, lines } of files) {
    writeFileSync(join(directory, name), gzipSync(lines.map((line) => `${line}\n`).join(''), { level: 1 }))
  }
}
