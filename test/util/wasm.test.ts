import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { assemble, root } from '../support/assembly.ts'
import { temporaryFolder } from '../support/folders.ts'

const sources = {
  archive: 'assembly/archive/kernel.ts',
  parquet: 'assembly/parquet/pages.ts',
  rollup: 'assembly/rollup/kernel.ts',
}

it.each(Object.entries(sources))(
  'the WebAssembly module %s is what its source gives, byte for byte',
  (name, source) => {
    const out = join(temporaryFolder(), 'module.wasm')
    assemble([source, '--outFile', out])
    expect(readFileSync(out).equals(readFileSync(join(root, 'wasm', `${name}.wasm`)))).toBe(true)
  },
)

it('has no other WebAssembly modules', () => {
  expect(readdirSync(join(root, 'wasm')).sort()).toEqual(Object.keys(sources).map((name) => `${name}.wasm`))
})
