import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeArchive } from '../../examples/archive.js'

/** An archive of so many minutes, made if it is not there yet. @param {string} work @param {{ files: number, checks: number }} size */
export function prepare(work, { files, checks }) {
  const directory = join(work, `archive-${files}-${checks}`)
  if (!existsSync(directory) || readdirSync(directory).length !== files) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    console.error(`making ${files} files in ${directory}`)
    makeArchive({ directory, seed: 1, files, checks, start: Date.UTC(2014, 1, 14, 14, 2, 30) })
  }
  return directory
}

/** Bytes of all files, and of what they hold, which the last four bytes of a gzip file tell. @param {string} directory */
export function sizeOf(directory) {
  const size = { packed: 0, unpacked: 0 }
  for (const name of readdirSync(directory)) {
    const bytes = readFileSync(join(directory, name))
    size.packed += bytes.length
    size.unpacked += bytes.readUInt32LE(bytes.length - 4)
  }
  return size
}
