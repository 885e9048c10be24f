import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'

const root = join(import.meta.dirname, '../..')

it('the WebAssembly module is what its source gives, byte for byte', () => {
  const out = join(temporaryFolder(), 'kernel.wasm')
  execFileSync(join(root, 'node_modules/.bin/asc'), ['--outFile', out], { cwd: root })
  expect(readFileSync(out).equals(readFileSync(join(root, 'wasm/kernel.wasm')))).toBe(true)
})
