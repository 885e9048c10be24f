import { type Global, instantiate, type Memory } from '../util/wasm.ts'

/** Why the module stopped scanning. */
export const Stop = {
  windowEnds: 0,
  roomEnds: 1,
  lineUnknown: 2,
  shapeUnknown: 3,
  familyUnknown: 4,
  memoryEnds: 5,
} as const

/** One instance of the WebAssembly module whose source, and the meaning of all this, is assembly/archive/kernel.ts. */
export interface Matcher {
  readonly memory: Memory
  readonly stop: Global
  readonly head: Global
  readonly body: Global
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
  readonly kinds: Global
  readonly repairList: Global
  forget(): void
  allocate(size: number): number
  addHead(template: number, typeKey: number, type: number, typeSize: number): number
  addBody(template: number, kinds: number, count: number, notNumeric: number): number
  addType(text: number, size: number): number
  putBody(type: number, body: number): number
  putShape(body: number, family: number, mask: number): number
  windowAt(size: number): number
  restart(line: number, values: number): void
  scan(start: number, end: number, limit: number, maxLine: number): number
}

/** A matcher that has learnt nothing yet. */
export const createMatcher = (): Matcher => instantiate<Matcher>('archive')

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
