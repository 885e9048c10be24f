/** A file that is read in parts. */
export interface Parts {
  readonly size: number
  /** The bytes `[start, end)`, in memory of their own. Throws where the file has no such bytes. */
  read(start: number, end: number): Promise<Buffer>
}

export const missingBytes = (start: number, end: number): Error => new Error(`there are no bytes ${start} to ${end}`)

/** Bytes that are in memory, to be read in parts. */
export const partsOf = (bytes: Uint8Array): Parts => ({
  size: bytes.length,
  async read(start, end) {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw missingBytes(start, end)
    return Buffer.from(bytes.subarray(start, end))
  },
})
