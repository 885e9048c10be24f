import type { Family, LineBatch } from '../metric/lines.ts'
import { createFamilies, type Families, type Ordered } from './families.ts'
import { type Address, putBatch, type SlotKernel } from './slot-kernel.ts'

/** The series of the slots of a chunk, which share the memory of a kernel with those of others. */
export interface ChunkSeries extends Pick<Families, 'unite'> {
  /** Lines are to be taken from a batch. */
  use(batch: LineBatch): void
  /** Tells the kernel of the family of a line of that batch. */
  learn(batch: LineBatch, line: number): void
  /** Rows of these series are to be taken. */
  recall(): void
  /** The series that lines have been of. */
  inOrder(): Ordered
  discard(): void
}

/** Families of chunks that are in the making at once: as a rule these have the same ones, whose order is then found once. */
interface Space {
  readonly address: Address
  readonly families: Families
  /** How many chunks that are. */
  users: number
  /** How many of the families the chunk had that has been rolled up last. */
  needed: number
}

let newest: Space | undefined

/** Joins the newest space. Where that chunk had less than half of its families, a new one begins: series that come and go would pile up. */
function join(kernel: SlotKernel): Space {
  if (!newest || newest.families.size > 2 * newest.needed) {
    const families = createFamilies(kernel)
    newest = { address: kernel.openFamilies(), families, users: 0, needed: Number.POSITIVE_INFINITY }
  }
  newest.users++
  return newest
}

function leave(kernel: SlotKernel, space: Space): void {
  if (--space.users > 0) return
  kernel.discardFamilies(space.address)
  if (newest === space) newest = undefined
}

export function openSeries(kernel: SlotKernel): ChunkSeries {
  const space = join(kernel)
  const { families } = space
  const own = new Set<number>()
  const recall = () => kernel.useFamilies(space.address)
  /** Which of the kernel's families those of a stream of batches are. */
  const translations = new Map<readonly Family[], Address>()
  const translationOf = (stream: readonly Family[]): Address => {
    const translation = translations.get(stream) ?? kernel.openTranslation()
    translations.set(stream, translation)
    return translation
  }

  return {
    use(batch) {
      putBatch(kernel, batch)
      recall()
      kernel.useTranslation(translationOf(batch.families), batch.families.length)
    },
    learn({ families: theirs, family }, line) {
      const id = families.idOf(theirs[family[line]])
      own.add(id)
      kernel.translate(family[line], id)
    },
    recall,
    unite() {
      recall()
      families.unite()
    },
    inOrder() {
      recall()
      space.needed = own.size
      return families.inOrder(own)
    },
    discard() {
      for (const translation of translations.values()) kernel.closeTranslation(translation)
      leave(kernel, space)
    },
  }
}
