import { dirname } from 'node:path'
import { errorMessage, UserError } from '../util/errors.ts'
import { ensureDirectory, nodeFiles, replaceFile } from '../util/files.ts'
import { outputPath } from '../util/output-path.ts'
import { temporaryBeside } from '../util/temporary.ts'

/** Writes a file whole or not at all, in a folder that is made where it is missing. */
export async function writeOutput(name: string, pieces: Iterable<Uint8Array | string>): Promise<void> {
  const path = await outputPath(name)
  const temporary = await temporaryBeside(nodeFiles, path, 'tmp')
  try {
    await ensureDirectory(nodeFiles, dirname(path))
    await replaceFile(nodeFiles, { path, temporary }, bytesOf(pieces))
  } catch (error) {
    await nodeFiles.remove(temporary).catch(() => {})
    throw new UserError(`cannot write ${name}: ${errorMessage(error)}`, { cause: error })
  }
}

function* bytesOf(pieces: Iterable<Uint8Array | string>): Generator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}
