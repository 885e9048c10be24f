/** The bytes of a typed array, on its own memory. */
export const bytesOfArray = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

/** The same values, every NaN with the same bits. */
export function withOneNaN(values: Float64Array): Float64Array {
  if (!values.includes(Number.NaN)) return values
  const copy = values.slice()
  const words = new Uint32Array(copy.buffer)
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) words.set([0, 0x7ff8_0000], 2 * i)
  return copy
}
