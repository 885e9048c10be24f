import { dirname } from 'node:path'
import { errorMessage, UserError } from '../util/errors.ts'
import { ensureDirectory, nodeFiles, replaceFile } from '../util/files.ts'
import { outputPath } from '../util/output-path.ts'
import { temporaryBeside } from '../util/temporary.ts'

type Pieces = Iterable<Uint8Array | string>

/** Writes a file whole or not at all, in a folder that is made where it is missing. */
export async function writeOutput(name: string, pieces: Pieces): Promise<void> {
  try {
    await writeWhole(await outputPath(name), pieces)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`cannot write ${name}: ${errorMessage(error)}`, { cause: error })
  }
}

async function writeWhole(path: string, pieces: Pieces): Promise<void> {
  const temporary = await temporaryBeside(nodeFiles, path, 'tmp')
  try {
    await ensureDirectory(nodeFiles, dirname(path))
    await replaceFile(nodeFiles, { path, temporary }, bytesOf(pieces))
  } catch (error) {
    await nodeFiles.remove(temporary).catch(() => {})
    throw error
  }
}

function* bytesOf(pieces: Pieces): Generator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}
