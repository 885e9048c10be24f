import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { errorCode } from './errors.ts'
import { missingBytes, type Parts } from './parts.ts'

/** An open file that bytes are written to in order. */
export interface OpenFile {
  write(bytes: Uint8Array): Promise<void>
  /** Resolves once everything written is durable. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The few calls on files that durability rests on, so that tests can put a failing or forgetful file system behind them. */
export interface FileSystem {
  /** `create` truncates, `exclusive` fails with EEXIST where the file is there. */
  open(path: string, mode: 'create' | 'exclusive' | 'append'): Promise<OpenFile>
  /** The whole content; undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Lets a file be read in parts while `work` goes on; undefined where there is no such file. */
  readParts<Result>(path: string, work: (file: Parts) => Promise<Result>): Promise<Result | undefined>
  /** Names in a directory; none where there is no such directory. */
  list(path: string): Promise<string[]>
  rename(from: string, to: string): Promise<void>
  /** Removes a file, or a directory with all in it; nothing where there is none. */
  remove(path: string): Promise<void>
  makeDirectory(path: string): Promise<void>
  /** Makes names created, renamed and removed in a directory durable. */
  syncDirectory(path: string): Promise<void>
}

const flags = { create: 'w', exclusive: 'wx', append: 'a' } as const

/** The machine's own file system. */
export const nodeFiles: FileSystem = {
  async open(path, mode) {
    const handle = await open(path, flags[mode])
    return {
      write: (bytes) => writeAll({ handle, path }, [bytes]),
      sync: () => handle.datasync().catch((error) => fail(path, error)),
      close: () => handle.close(),
    }
  },
  read: (path) => readFile(path).catch((error) => ignore(error, undefined)),
  async readParts(path, work) {
    const handle = await open(path, 'r').catch((error) => ignore(error, undefined))
    if (!handle) return undefined
    try {
      return await work({
        size: (await handle.stat()).size,
        read: (start, end) => readPart({ handle, path }, start, end),
      })
    } finally {
      await handle.close()
    }
  },
  list: (path) => readdir(path).catch((error) => ignore(error, [])),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  async makeDirectory(path) {
    await mkdir(path)
  },
  async syncDirectory(path) {
    const handle = await open(path, 'r')
    await handle.sync().finally(() => handle.close())
  },
}

async function readPart(file: NamedHandle, start: number, end: number): Promise<Buffer> {
  if (!(start >= 0 && start <= end)) throw missingBytes(start, end)
  return readAll(file, Buffer.allocUnsafe(end - start), start)
}

/** An open file, and its name for errors. */
export interface NamedHandle {
  readonly handle: FileHandle
  readonly path: string
}

/** Fills a buffer with the bytes from a position on. Throws where the file has no such bytes. */
export async function readAll<Bytes extends Uint8Array>(
  { handle, path }: NamedHandle,
  bytes: Bytes,
  position: number,
): Promise<Bytes> {
  for (let done = 0; done < bytes.length; ) {
    const rest = handle.read(bytes, done, bytes.length - done, position + done)
    const { bytesRead } = await rest.catch((error) => fail(path, error))
    if (bytesRead === 0) throw missingBytes(position, position + bytes.length)
    done += bytesRead
  }
  return bytes
}

/**
 * Writes every byte, from a position on or where the file is. Where the disk is full or the file may grow no more, the system writes a
 * part without an error: only the write of the rest meets it.
 */
export async function writeAll(
  { handle, path }: NamedHandle,
  pieces: readonly Uint8Array[],
  position?: number,
): Promise<void> {
  const { bytesWritten } = await handle.writev(pieces, position).catch((error) => fail(path, error))
  if (bytesWritten === pieces.reduce((sum, { length }) => sum + length, 0)) return
  const rest = Buffer.concat(pieces).subarray(bytesWritten)
  await writeAll({ handle, path }, [rest], position === undefined ? undefined : position + bytesWritten)
}

/** Throws an error of an open file, which does not know its name. */
function fail(path: string, error: Error): never {
  throw Object.assign(error, { path })
}

function ignore<T>(error: unknown, otherwise: T): T {
  if (errorCode(error) === 'ENOENT') return otherwise
  throw error
}

/** Makes a directory and those above it, durably. */
export async function ensureDirectory(files: FileSystem, path: string): Promise<void> {
  try {
    await makeUnlessThere(files, path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    await ensureDirectory(files, dirname(path))
    await makeUnlessThere(files, path)
  }
}

async function makeUnlessThere(files: FileSystem, path: string): Promise<void> {
  try {
    await files.makeDirectory(path)
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return
    throw error
  }
  await files.syncDirectory(dirname(path))
}

/**
 * Replaces a file whole or not at all, durable on return. `temporary` is a path on the same file system; it holds the bytes until they
 * are durable, so that readers of `path` never see a part of them.
 */
export async function replaceFile(
  files: FileSystem,
  { path, temporary }: { path: string; temporary: string },
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await writeDurably(files, temporary, pieces)
  await files.rename(temporary, path)
  await files.syncDirectory(dirname(path))
}

/** Removes a file, durably; nothing where there is none. */
export async function removeFile(files: FileSystem, path: string): Promise<void> {
  if (!(await files.list(dirname(path))).includes(basename(path))) return
  await files.remove(path)
  await files.syncDirectory(dirname(path))
}

async function writeDurably(
  files: FileSystem,
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await files.open(path, 'create')
  try {
    for await (const piece of pieces) await file.write(piece)
    await file.sync()
  } finally {
    await file.close()
  }
}
