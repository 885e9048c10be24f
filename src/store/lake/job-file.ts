import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ensureDirectory, type FileSystem, replaceFile } from '../../util/files.ts'

/** A job's name in files and folders: 12 hex digits of a hash of what it is, in plain JSON. */
export const idOf = (description: object): string =>
  createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 12)

/** Keeps what a job is, in plain JSON, as `job.json` in its folder, which is made; what is there already stays. */
export async function keepJob(files: FileSystem, folder: string, description: object): Promise<void> {
  await ensureDirectory(files, folder)
  const path = join(folder, 'job.json')
  if (await files.read(path)) return
  const text = `${JSON.stringify(description, undefined, 2)}\n`
  await replaceFile(files, { path, temporary: `${path}.tmp` }, [Buffer.from(text)])
}
