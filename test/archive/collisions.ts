import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble } from '../support/assembly.ts'
import { temporaryFolder } from '../support/folders.ts'

interface Hashing {
  readonly memory: { readonly buffer: ArrayBuffer }
  addToHash(hash: bigint, from: number, length: number): bigint
}

declare const WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ instance: { exports: unknown } }> }

/** The fast kernel's own hash, built from its source. */
async function loadHashing(): Promise<Hashing> {
  const out = join(temporaryFolder(), 'text.wasm')
  assemble(['assembly/archive/text.ts', '--initialMemory', '1', '--outFile', out])
  return (await WebAssembly.instantiate(readFileSync(out))).instance.exports as Hashing
}

/**
 * Pairs of texts that a key may be without its hash being another one, given the keys of the line before and behind it; found by trying many.
 * The fast kernel adds the keys, a quote behind each, to a hash that begins as the number of the line's head, here the first.
 */
export async function collisions(before: readonly string[], behind: readonly string[]): Promise<string[][]> {
  const { memory, addToHash } = await loadHashing()
  const bytes = Buffer.from(memory.buffer)
  const addKey = (hash: bigint, key: string) => addToHash(hash, 0, bytes.write(`${key}"`))
  const begun = before.reduce(addKey, 0n)
  const byHash = new Map<bigint, string>()
  const found: string[][] = []
  for (let i = 0; i < 200_000; i++) {
    const key = `ch${i.toString(36)}`
    const hash = BigInt.asUintN(32, behind.reduce(addKey, addKey(begun, key)))
    const other = byHash.get(hash)
    if (other !== undefined) found.push([other, key])
    byHash.set(hash, key)
  }
  return found
}
