import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble, root } from '../support/assembly.ts'
import { temporaryFolder } from '../support/folders.ts'

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** In the arena: once in a while there is no room, as if it were full. */
const refusal = `{
  asked = asked * 1664525 + 1013904223
  if (asked >> 28 === 0) return 0
`

/** Makes instances of the fast kernel that find no room for one in sixteen of the things that they learn. */
export function crampedKernel(): () => unknown {
  const folder = temporaryFolder()
  cpSync(join(root, 'assembly'), join(folder, 'assembly'), { recursive: true })
  cpSync(join(root, 'asconfig.json'), join(folder, 'asconfig.json'))
  const arena = join(folder, 'assembly/archive/arena.ts')
  const [head, body, ...rest] = readFileSync(arena, 'utf8').split(
    /(?<=export function allocate\(size: usize\): usize )\{/,
  )
  if (body === undefined || rest.length > 0) throw new Error('the arena has no allocate')
  writeFileSync(arena, `let asked: u32 = 0\n${head}${refusal}${body}`)
  assemble(['assembly/archive/kernel.ts', '--outFile', 'kernel.wasm'], folder)
  const module = new WebAssembly.Module(readFileSync(join(folder, 'kernel.wasm')))
  return () => new WebAssembly.Instance(module).exports
}
