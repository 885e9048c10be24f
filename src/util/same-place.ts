import { stat } from 'node:fs/promises'
import { errorCode } from './errors.ts'

/** Whether two paths lead to one file or directory: one has many paths. False where either is not there. */
export async function isSamePlace(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map(identify))
  return a !== undefined && a === b
}

async function identify(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch (error) {
    // Whoever needs what is not there says so.
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}
