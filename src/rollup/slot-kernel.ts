import { type Global, instantiate, type Memory } from '../util/wasm.ts'

/** The WebAssembly module whose source, and the meaning of all this, is assembly/rollup/slot.ts. */
export interface SlotKernel extends Record<PointColumn | RowColumn, Global> {
  readonly memory: Memory
  readonly rows: Global
  readonly duplicates: Global
  reserve(points: number, series: number, isWide: boolean): void
  group(series: number): void
  close(from: number, to: number, isBlueflood: boolean): void
}

type PointColumn = 'series' | 'offsets' | 'values' | 'kinds' | 'wide'
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
