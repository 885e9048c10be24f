/** What a SignalFlow program is to compute of a metric. */
export interface ProgramOptions {
  /** Dimensions and the values they must have. */
  readonly filters: readonly (readonly [dimension: string, value: string])[]
  readonly extrapolation: string
  readonly maxExtrapolations: number
  /** Absent: the metric's own. */
  readonly rollup?: string
  /** Absent: every series by itself. */
  readonly aggregate?: string
  /** Dimensions that stay apart when series are aggregated. */
  readonly by: readonly string[]
}

/** The program that Clusterman's scraper sends, with every text escaped. */
export function signalFlowProgram(metric: string, options: ProgramOptions): string {
  const { filters, extrapolation, maxExtrapolations, rollup } = options
  const filter = filters.map(([dimension, value]) => `filter(${text(dimension)}, ${text(value)})`).join(' and ')
  return `data(
    ${text(metric)},
    filter=${filter || 'None'},
    extrapolation=${text(extrapolation)},
    maxExtrapolations=${maxExtrapolations},
    rollup=${rollup === undefined ? 'None' : text(rollup)}
)${aggregation(options)}.publish()
`
}

function aggregation({ aggregate, by }: ProgramOptions): string {
  if (aggregate === undefined) return ''
  return by.length === 0 ? `.${aggregate}()` : `.${aggregate}(by=[${by.map(quoted).join(', ')}])`
}

/** A text as Python, and SignalFlow with it, reads it. */
const text = (value: string): string => JSON.stringify(value)
const quoted = (value: string): string =>
  `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
