import type { Family, LineBatch } from '../metric/lines.ts'
import { createFamilies, type Families } from './families.ts'
import { type Address, putBatch, type SlotKernel } from './slot-kernel.ts'

/** The series of the slots of a chunk, which share the memory of a kernel with those of others. */
export interface ChunkSeries extends Pick<Families, 'unite' | 'inOrder'> {
  /** Lines are to be taken from a batch. */
  use(batch: LineBatch): void
  /** Tells the kernel of the family of a line of that batch. */
  learn(batch: LineBatch, line: number): void
  /** Rows of these series are to be taken. */
  recall(): void
  discard(): void
}

export function openSeries(kernel: SlotKernel): ChunkSeries {
  const space = kernel.openFamilies()
  const families = createFamilies(kernel)
  const recall = () => kernel.useFamilies(space)
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
      kernel.translate(family[line], families.idOf(theirs[family[line]]))
    },
    recall,
    unite() {
      recall()
      families.unite()
    },
    inOrder() {
      recall()
      return families.inOrder()
    },
    discard() {
      for (const translation of translations.values()) kernel.closeTranslation(translation)
      kernel.discardFamilies(space)
    },
  }
}
