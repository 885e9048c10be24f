import { readFileSync } from 'node:fs'

/** An address or a count that changes as the module runs. */
interface Global {
  readonly value: number
}

/** Why the module stopped scanning. */
export const Stop = { windowEnds: 0, roomEnds: 1, lineUnknown: 2, checkUnknown: 3, shapeUnknown: 4 } as const

/** One instance of the WebAssembly module whose source, and the meaning of all this, is assembly/kernel.ts. */
export interface Matcher {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly stop: Global
  readonly head: Global
  readonly rest: Global
  readonly check: Global
  readonly keys: Global
  readonly length: Global
  readonly lines: Global
  readonly points: Global
  readonly metrics: Global
  readonly notNumeric: Global
  readonly outOfShard: Global
  readonly repairs: Global
  readonly families: Global
  readonly times: Global
  readonly lineNumbers: Global
  readonly firsts: Global
  readonly doubles: Global
  readonly repairList: Global
  forget(): void
  allocate(size: number): number
  addHead(template: number): number
  addBody(template: number, count: number, notNumeric: number): number
  addCheck(number: number): number
  setShape(body: number, family: number, mask: number): void
  windowAt(size: number): number
  restart(line: number, values: number): void
  scan(start: number, end: number, limit: number, maxLine: number): number
  matchRest(start: number, body: number): number
}

/** What is used of an interface that the types of Node 20 lack. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: unknown }
}

const file = new URL('../../wasm/kernel.wasm', import.meta.url)
let compiled: object | undefined

/** A matcher that has learnt nothing yet. */
export function createMatcher(): Matcher {
  compiled ??= new WebAssembly.Module(readFileSync(file))
  return new WebAssembly.Instance(compiled).exports as Matcher
}

/** Puts bytes where the matcher can scan them. Returns their address. */
export function putWindow(matcher: Matcher, bytes: Uint8Array): number {
  const address = matcher.windowAt(bytes.length)
  new Uint8Array(matcher.memory.buffer, address, bytes.length).set(bytes)
  return address
}

/** Puts bytes into the matcher's memory until it forgets. Returns their address, or 0 where there is no room. */
export function keepBytes({ memory, allocate }: Matcher, bytes: Uint8Array): number {
  const address = allocate(bytes.length)
  if (address !== 0) new Uint8Array(memory.buffer, address, bytes.length).set(bytes)
  return address
}
