/** How two simulations may be combined; the first by default. */
export const comparisonOperators = ['truediv', 'add', 'sub', 'mul'] as const

export type ComparisonOperator = (typeof comparisonOperators)[number]

/** What lines of events may look like. */
export const eventFormats = ['text', 'ndjson'] as const

export type EventFormat = (typeof eventFormats)[number]
