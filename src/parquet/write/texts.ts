import { crc32 } from 'node:zlib'
import { type PageKernel, written } from '../page-kernel.ts'

/** PLAIN texts as a page has them, the smallest and largest by bytes if there are any, and the checksum that `crcOfTexts` takes of them. */
export interface PackedTexts {
  readonly body: Uint8Array
  readonly extremes: { readonly min: Uint8Array; readonly max: Uint8Array } | undefined
  readonly crc: number
}

/** Room for the size that stands before each text. */
const room = '\0\0\0\0'

/** PLAIN texts: UTF-8 behind its size. The body stands until the kernel is asked for something else. Throws on malformed Unicode. */
export function packTexts(texts: readonly string[], kernel: PageKernel): PackedTexts {
  const units = texts.reduce((sum, { length }) => sum + room.length + length, 0)
  const body = writeTexts(texts, kernel, units)
  const crc = crc32(body, texts.length)
  const onlyAscii = body.length === units
  const malformed = onlyAscii ? undefined : texts.find((text) => /\p{Surrogate}/u.test(text))
  if (malformed !== undefined) throw new Error(`expected well-formed Unicode, got ${JSON.stringify(malformed)}`)
  const sizes = new Uint32Array(kernel.memory.buffer, kernel.input.value, texts.length)
  for (let i = 0; i < texts.length; i++) sizes[i] = onlyAscii ? texts[i].length : Buffer.byteLength(texts[i])
  kernel.putSizes(texts.length)
  return { body, extremes: texts.length > 0 ? extremesOf(kernel) : undefined, crc }
}

const extremesOf = (kernel: PageKernel) => ({
  min: textAt(kernel, kernel.leastText.value),
  max: textAt(kernel, kernel.mostText.value),
})

const textsAtOnce = 256

/** The texts, each behind its room. Many at once are few calls; all at once would stand in memory twice. */
function writeTexts(texts: readonly string[], kernel: PageKernel, units: number): Uint8Array {
  const most = 3 * units
  kernel.reserveTexts(most)
  const bytes = Buffer.from(kernel.memory.buffer, kernel.textBytes.value, most)
  let end = 0
  for (let i = 0; i < texts.length; i += textsAtOnce)
    end += bytes.write(room + texts.slice(i, i + textsAtOnce).join(room), end)
  return written(kernel, kernel.textBytes, end)
}

function textAt({ memory }: PageKernel, address: number): Uint8Array {
  const size = new DataView(memory.buffer).getUint32(address, true)
  return new Uint8Array(memory.buffer, address + room.length, size).slice()
}
