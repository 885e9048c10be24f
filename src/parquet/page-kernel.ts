import { type Global, instantiate, type Memory } from '../util/wasm.ts'

/** The WebAssembly module whose source, and the meaning of all this, is assembly/parquet/pages.ts. */
export interface PageKernel {
  readonly memory: Memory
  readonly input: Global
  readonly present: Global
  readonly output: Global
  readonly places: Global
  readonly entries: Global
  readonly levels: Global
  readonly textBytes: Global
  readonly leastText: Global
  readonly mostText: Global
  readonly least: Global
  readonly most: Global
  reserve(rows: number, texts: number): void
  reserveTexts(size: number): void
  putDoubles(rows: number): number
  putIntegers(rows: number, scale: bigint): number
  putPresent(rows: number, bit: number): number
  countPresent(rows: number): number
  takePresent(rows: number): void
  findExtremes(count: number): void
  putDictionary(count: number): number
  takeDictionary(count: number): void
  takeIntegers(rows: number, scale: bigint): void
  putAppearing(rows: number, texts: number): number
  putSizes(count: number): void
}

let kernel: PageKernel | undefined

/** The kernel of this thread, with room for up to 65,536 rows: whatever it holds is scratch. */
export function pageKernel(rows: number, texts = 0): PageKernel {
  kernel ??= instantiate<PageKernel>('parquet')
  kernel.reserve(rows, texts)
  return kernel
}

/** `size` bytes of what the kernel has written last, on its own memory. */
export const written = ({ memory }: PageKernel, { value }: Global, size: number): Uint8Array =>
  new Uint8Array(memory.buffer, value, size)
