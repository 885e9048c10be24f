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
  clearFamilies(): void
  openSlot(start: number, end: number): Address
  add(slot: Address, from: number, to: number): number
  beginClosing(slot: Address): number
  closeFamilies(from: number, to: number, isBlueflood: boolean): void
  endClosing(): number
  discardSlot(slot: Address): void
  beginTaking(places: number, slots: number, atOnce: number): void
  takeRows(): number
  endTaking(): void
}

/** Where something lies in the memory of a kernel. */
export type Address = number

const idle: SlotKernel[] = []

/** Chunks are made one after another, a few at a time: their kernels keep the memory that the last ones took. */
const mostIdle = 2

/** A kernel that holds nothing. */
export const borrowKernel = (): SlotKernel => idle.pop() ?? instantiate<SlotKernel>('rollup')

/** Takes a kernel back all of whose slots and translations have been given back. */
export function returnKernel(kernel: SlotKernel): void {
  kernel.clearFamilies()
  if (idle.length < mostIdle) idle.push(kernel)
}
