import type { Columns } from '../../archive/batch.ts'
import type { LineBatch, Room } from '../../metric/lines.ts'

/** What of a batch goes through shared memory. */
export type LineColumns = Columns & Pick<LineBatch, 'wide'>

/** How many lines and values there are, and whether they have exact integers. */
interface Extent extends Room {
  readonly isWide: boolean
}

/** Columns that lie in a block of shared memory, which is in use until it is given back. */
export interface Shipment {
  readonly block: number
  readonly extent: Extent
  /** The block itself, when the receiver does not know it yet. */
  readonly memory?: SharedArrayBuffer
}

/** The blocks of one thread, which go back and forth: there are as many as are in use at once, each as large as it has had to be. */
export interface Blocks {
  /** Copies columns into a block that is free. */
  load(columns: LineColumns): Shipment
  /** Takes a block back. */
  free(block: number): void
}

/** Files of an archive are alike, so a block is made a little larger than it has to be. */
const spare = 1.25

export function createBlocks(): Blocks {
  const blocks: SharedArrayBuffer[] = []
  const free: number[] = []
  const renew = (block: number, bytes: number): SharedArrayBuffer => {
    blocks[block] = new SharedArrayBuffer(Math.ceil(bytes * spare))
    return blocks[block]
  }
  return {
    load(columns) {
      const extent = { lines: columns.time.length, values: columns.value.length, isWide: columns.wide !== undefined }
      const block = free.pop() ?? blocks.length
      const isFit = blocks[block]?.byteLength >= sizeOf(extent)
      const memory = isFit ? blocks[block] : renew(block, sizeOf(extent))
      for (const [name, column] of Object.entries(columnsOn(memory, extent)))
        column.set(columns[name as keyof LineColumns] as never)
      return { block, extent, ...(!isFit && { memory }) }
    },
    free: (block) => free.push(block),
  }
}

/** The receiver's side: gives the columns of shipments, to be called in the order of their loading. They are good until the block is given back. */
export function createUnloader(): (shipment: Shipment) => LineColumns {
  const blocks: SharedArrayBuffer[] = []
  return ({ block, extent, memory = blocks[block] }) => {
    blocks[block] = memory
    return columnsOn(memory, extent)
  }
}

const sizeOf = ({ lines, values, isWide }: Extent): number => 20 * lines + 4 + (isWide ? 17 : 9) * values

/** Columns of large elements come first, so that each of them is aligned. */
function columnsOn(memory: SharedArrayBuffer, { lines, values, isWide }: Extent): LineColumns {
  let end = 0
  const next = (bytes: number): number => {
    const start = end
    end += bytes
    return start
  }
  return {
    time: new Float64Array(memory, next(8 * lines), lines),
    value: new Float64Array(memory, next(8 * values), values),
    ...(isWide && { wide: new BigInt64Array(memory, next(8 * values), values) }),
    family: new Uint32Array(memory, next(4 * lines), lines),
    line: new Uint32Array(memory, next(4 * lines), lines),
    first: new Uint32Array(memory, next(4 * (lines + 1)), lines + 1),
    kind: new Uint8Array(memory, next(values), values),
  }
}
