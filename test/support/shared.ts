import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = process.env.RETROFILL_SHARED ?? join(import.meta.dirname, '../../../shared')

/** Real inputs that lie beside the project. Tests skip where they are absent, and say so; in CI they must be there. */
export function sharedData(name: string): { path: string; isThere: boolean } {
  const path = resolve(root, 'data', name)
  const isThere = existsSync(path)
  if (!isThere && process.env.CI) throw new Error(`real inputs are missing: ${path}`)
  if (!isThere) console.warn(`SKIPPED: real inputs are missing: ${path}`)
  return { path, isThere }
}
