import { type Global, instantiate, type Memory } from '../util/wasm.ts'

/** The WebAssembly module whose source, and the meaning of all this, is assembly/rollup/slot.ts. */
export interface SlotKernel extends Record<InputColumn | RowColumn, Global> {
  readonly memory: Memory
  readonly rows: Global
  readonly duplicates: Global
  reserveFamilies(families: number, members: number): void
  reserve(lines: number, values: number, isWide: boolean): void
  group(): void
  close(from: number, to: number, isBlueflood: boolean): void
}

type InputColumn = 'starts' | 'members' | 'families' | 'offsets' | 'firsts' | 'values' | 'kinds' | 'wide'
type RowColumn =
  | 'ids'
  | 'integer'
  | 'count'
  | 'sum'
  | 'mean'
  | 'variance'
  | 'min'
  | 'max'
  | 'meanInt'
  | 'minInt'
  | 'maxInt'

let kernel: SlotKernel | undefined

/** The kernel of this thread: whatever it holds is scratch. */
export function slotKernel(): SlotKernel {
  kernel ??= instantiate<SlotKernel>('rollup')
  return kernel
}
