/** Bytes that tell what kind of number follows. */
export const Marker = { int32: 0x69, int64: 0x6c, double: 0x6e } as const

/** A byte as messages show it. */
export const showByte = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`
