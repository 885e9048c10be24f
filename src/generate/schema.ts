import { z } from 'zod'
import { parseDuration } from '../time/duration.ts'
import { UserError } from '../util/errors.ts'
import { isFreeName } from '../util/expression.ts'
import { distributions } from './distributions.ts'

/** A text that a parser of `time/` understands; its own words become the message. */
const duration = z.string('expected a duration such as 1m, 90s or 1h30m').transform((text, context) => {
  try {
    return parseDuration(text)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    context.addIssue(error.hint ? `${error.message}; ${error.hint}` : error.message)
    return z.NEVER
  }
})

const positiveDuration = duration.refine((length) => length > 0, 'expected a duration above 0')
const probability = z.number().min(0).max(1)

const randomBlocks = Object.entries(distributions).map(([name, { params }]) =>
  z.strictObject({ distribution: z.literal(name), params: params.prefault({}) }),
)

export const randomBlock = z.discriminatedUnion('distribution', randomBlocks as never) as z.ZodType<RandomBlock>

/** A function of Python's `random` by name, with its keyword arguments. */
export interface RandomBlock {
  readonly distribution: string
  readonly params: Readonly<Record<string, unknown>>
}

const inputFields = {
  from: z.string().optional(),
  type: z.string().optional(),
  key: z.string().optional(),
}

/** What a function knows besides its inputs. */
export const ownVariables = ['t', 'hour', 'weekday'] as const
/** What it knows besides of the one input called `x`. */
export const historyVariables = ['prev', 'dt'] as const

const inputs = z.record(z.string(), z.string()).check(({ value, issues }) => {
  if (Object.keys(value).length === 0)
    issues.push({ code: 'custom', input: value, message: 'expected at least one metric' })
  for (const name of Object.keys(value).filter((one) => !isInputName(one))) {
    const message = `expected a name that means nothing else in a function, such as x or cpu, got ${name}`
    issues.push({ code: 'custom', input: value, path: [name], message })
  }
})

const isInputName = (name: string): boolean =>
  isFreeName(name) && ![...ownVariables, ...historyVariables].some((own) => own === name)

const functionBlock = z
  .strictObject({
    function: z.string().min(1),
    metric: z.string().optional(),
    metrics: inputs.optional(),
    interpolate: z.enum(['last', 'linear']).default('last'),
    ...inputFields,
  })
  .refine(
    ({ metric, metrics }) => (metric === undefined) !== (metrics === undefined),
    'expected metric or metrics, one of them',
  )

/** Clusterman's function of a stored metric: a × value + b. */
const linearBlock = z.strictObject({
  params: z.strictObject({ a: z.number(), b: z.number() }),
  aws_region: z.string().optional(),
  metric: z.string().optional(),
  ...inputFields,
})

const term = z.union([
  z.strictObject({ constant: z.number() }),
  z.strictObject({
    sine: z.strictObject({
      period: positiveDuration,
      amplitude: z.number(),
      phase: duration.default(0),
    }),
  }),
  z.strictObject({ weekly: z.array(z.number()).length(7, 'expected seven numbers, from Monday to Sunday') }),
  z.strictObject({ trend: z.strictObject({ change: z.number(), per: positiveDuration }) }),
  z.strictObject({ ar1: z.strictObject({ phi: z.number().gt(-1).lt(1), sigma: z.number().nonnegative() }) }),
  randomBlock,
])

const sumBlock = z.strictObject({
  sum: z.array(term).min(1),
  clamp: z
    .strictObject({ min: z.number().optional(), max: z.number().optional() })
    .refine(
      ({ min, max }) => min === undefined || max === undefined || min <= max,
      'expected min that is not above max',
    )
    .optional(),
  round: z.int().min(0).max(15).optional(),
})

const time = z.union([z.string(), z.number()]).transform(String)

const values = z.union([z.number(), z.string(), z.boolean(), randomBlock, functionBlock, linearBlock, sumBlock])

/** The fields of one metric of a design. */
export const metricSchema = z.strictObject({
  start_time: time,
  end_time: time,
  frequency: z.union([z.literal('historical'), positiveDuration, randomBlock]).optional(),
  values,
  dict_keys: z.array(z.string()).min(1).optional(),
  gaps: probability.optional(),
  duplicates: probability.optional(),
  late: z.strictObject({ probability, by: positiveDuration }).optional(),
})

export type MetricDesign = z.output<typeof metricSchema>
export type SumBlock = z.output<typeof sumBlock>
export type Term = z.output<typeof term>
export type FunctionBlock = z.output<typeof functionBlock>
export type LinearBlock = z.output<typeof linearBlock>

const metrics = z.record(z.string(), metricSchema)

/** The JSON Schema of a design file, for editors. */
export const designJsonSchema = (): unknown =>
  z.toJSONSchema(z.record(z.string(), z.union([metricSchema, metrics])), { io: 'input' })
