import { lineEnd } from './kernel.ts'

/**
 * Cuts a stream of bytes into windows of whole lines; the last line gets an end if it has none. No line is held in memory beyond
 * `maxLine` + 1 bytes: what is longer is cut there.
 */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>, maxLine: number): AsyncGenerator<Uint8Array> {
  const begun = beginning(maxLine + 1)
  for await (const chunk of chunks) {
    const first = chunk.indexOf(lineEnd)
    if (first < 0) {
      begun.add(chunk)
      continue
    }
    let next = 0
    if (!begun.isEmpty()) {
      begun.add(chunk.subarray(0, first))
      yield begun.take()
      next = first + 1
    }
    const last = chunk.lastIndexOf(lineEnd)
    if (next <= last) yield chunk.subarray(next, last + 1)
    begun.add(chunk.subarray(last + 1))
  }
  if (!begun.isEmpty()) yield begun.take()
}

/** The beginning of a line whose end is yet to come. */
function beginning(room: number) {
  let pieces: Uint8Array[] = []
  let length = 0

  return {
    isEmpty: () => length === 0,
    add(bytes: Uint8Array): void {
      const kept = new Uint8Array(bytes.subarray(0, room - length))
      if (kept.length > 0) pieces.push(kept)
      length += kept.length
    },
    /** The line, with an end. */
    take(): Uint8Array {
      const line = Buffer.concat([...pieces, Uint8Array.of(lineEnd)])
      pieces = []
      length = 0
      return line
    },
  }
}
