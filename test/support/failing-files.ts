import { type FileSystem, nodeFiles, type OpenFile } from '../../src/util/files.ts'

/** The machine's file system until `steps` changes have been made; the next one fails, a write after its first half, and so does all else. */
export function failAfter(steps: number): FileSystem {
  let left = steps
  const step = async <T>(change: () => Promise<T>): Promise<T> => {
    if (left-- <= 0) throw new Error('the machine has stopped')
    return change()
  }
  const failing = (file: OpenFile): OpenFile => ({
    async write(bytes) {
      if (left === 0) await file.write(bytes.subarray(0, bytes.length / 2))
      return step(() => file.write(bytes))
    },
    sync: () => step(() => file.sync()),
    close: () => file.close(),
  })
  return {
    ...nodeFiles,
    open: (path, mode) => step(async () => failing(await nodeFiles.open(path, mode))),
    rename: (from, to) => step(() => nodeFiles.rename(from, to)),
    remove: (path) => step(() => nodeFiles.remove(path)),
    makeDirectory: (path) => step(() => nodeFiles.makeDirectory(path)),
    syncDirectory: (path) => step(() => nodeFiles.syncDirectory(path)),
  }
}
