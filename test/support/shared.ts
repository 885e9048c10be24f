import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(process.env.RETROFILL_SHARED ?? '../shared')

/** The folder with the real inputs, or undefined where it is missing: then tests of them are left out, except in CI. */
export function sharedData(folder: string): string | undefined {
  const path = resolve(root, 'data', folder)
  if (existsSync(path)) return path
  if (process.env.CI) throw new Error(`${path} is missing: tests of real inputs cannot be left out in CI`)
  console.warn(`SKIPPED: ${path} is missing, set RETROFILL_SHARED`)
  return undefined
}
