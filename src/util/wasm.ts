import { readFileSync } from 'node:fs'

/** What is used of an interface that the types of Node 20 lack. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

/** An address or a count that changes as a module runs. */
export interface Global {
  readonly value: number
}

/** The memory of an instance; `buffer` is another one whenever it has grown. */
export interface Memory {
  readonly buffer: ArrayBuffer
}

const compiled = new Map<string, object>()

/** A new instance of the module that `assembly/NAME` is built into. */
export function instantiate<Exports>(name: string): Exports {
  const module = compiled.get(name) ?? new WebAssembly.Module(readFileSync(fileOf(name)))
  compiled.set(name, module)
  return new WebAssembly.Instance(module).exports as Exports
}

const fileOf = (name: string): URL => new URL(`../../wasm/${name}.wasm`, import.meta.url)
