/** The bytes of a typed array, on its own memory. */
export const bytesOfArray = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
