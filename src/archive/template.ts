/** What varies behind a constant piece of a template. */
export const Field = {
  /** Nothing: the template ends. */
  end: 0,
  /** A string that is of no interest. */
  text: 1,
  /** A string that tells one check from another. */
  key: 2,
  /** `true` or `false`, of no interest. */
  boolean: 3,
  /** A number that is of no interest. */
  number: 4,
  /** A number that is a value. */
  double: 5,
  /** An integer within 32 bits that is a value. */
  int32: 6,
  /** An integer within 2^53 that is a value. */
  int64: 7,
} as const

export type Field = (typeof Field)[keyof typeof Field]

/** Where something varies in a text: from `start` to before `end`. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly field: Field
}

/** A constant and what varies behind it. */
export interface Part {
  readonly constant: string
  readonly field: Field
}

/** A pattern of bytes. Two with the same signature match the same bytes. */
export interface Template {
  readonly parts: readonly Part[]
  readonly signature: string
}

/** Makes a template of a text in which `spans`, given in order, vary. */
export function createTemplate(text: string, spans: readonly Span[]): Template {
  const starts = [0, ...spans.map((span) => span.end)]
  const ends = [...spans.map((span) => span.start), text.length]
  const constants = starts.map((start, i) => text.slice(start, ends[i]))
  const fields = [...spans.map((span) => span.field), Field.end]
  return {
    parts: constants.map((constant, i) => ({ constant, field: fields[i] })),
    signature: constants.map((constant, i) => `${constant}\0${fields[i]}`).join('\0'),
  }
}

/** A template as assembly/archive/template.ts reads it: for each part, u32 length of its constant, u32 field, the constant's bytes. */
export const programOf = ({ parts }: Template): Uint8Array =>
  Buffer.concat(
    parts.flatMap(({ constant, field }) => {
      const bytes = Buffer.from(constant)
      return [new Uint8Array(Uint32Array.of(bytes.length, field).buffer), bytes]
    }),
  )
