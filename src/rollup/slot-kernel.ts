import type { LineBatch } from '../metric/lines.ts'
import { type Global, instantiate, type Memory } from '../util/wasm.ts'

/** The WebAssembly module whose source, and the meaning of all this, is assembly/rollup/kernel.ts. */
export interface SlotKernel {
  readonly memory: Memory
  readonly families: Global
  readonly times: Global
  readonly firsts: Global
  readonly values: Global
  readonly kinds: Global
  readonly wide: Global
  readonly added: Global
  readonly duplicates: Global
  readonly points: Global
  readonly places: Global
  readonly slots: Global
  readonly ranks: Global
  readonly starts: Global
  readonly columns: Global
  reserveBatch(lines: number, values: number, isWide: boolean): void
  openTranslation(): Address
  useTranslation(translation: Address, families: number): void
  translate(theirs: number, ours: number): void
  closeTranslation(translation: Address): void
  addFamily(size: number): number
  firstPlace(family: number): number
  unite(place: number, other: number): void
  openFamilies(): Address
  useFamilies(families: Address): void
  discardFamilies(families: Address): void
  openSlot(start: number, end: number): Address
  add(slot: Address, from: number, to: number): number
  beginClosing(slot: Address, isBlueflood: boolean): number
  closeFamilies(from: number, to: number): void
  endClosing(): number
  discardSlot(slot: Address): void
  beginTaking(places: number, slots: number, atOnce: number): void
  beginPiece(): void
  takeRows(upTo: number): number
  endTaking(): void
}

/** Where something lies in the memory of a kernel. */
export type Address = number

let kernel: SlotKernel | undefined

/** The kernel of this thread, whose memory all slots share. */
export function slotKernel(): SlotKernel {
  kernel ??= instantiate<SlotKernel>('rollup')
  return kernel
}

let last: LineBatch | undefined

/** Makes a batch the one that lines are taken from. */
export function putBatch(kernel: SlotKernel, batch: LineBatch): void {
  if (batch === last) return
  last = batch
  const { length, family, time, first, value, kind, wide } = batch
  kernel.reserveBatch(length, value.length, wide !== undefined)
  const { buffer } = kernel.memory
  new Uint32Array(buffer, kernel.families.value, length).set(family)
  new Float64Array(buffer, kernel.times.value, length).set(time)
  new Uint32Array(buffer, kernel.firsts.value, length + 1).set(first)
  new Float64Array(buffer, kernel.values.value, value.length).set(value)
  new Uint8Array(buffer, kernel.kinds.value, value.length).set(kind)
  if (wide) new BigInt64Array(buffer, kernel.wide.value, value.length).set(wide)
}
