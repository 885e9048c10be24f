import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { formatTime } from '../time/range.ts'
import { errorMessage, usageError } from '../util/errors.ts'
import type { Piecewise } from './piecewise.ts'
import type { Functions, Simulation } from './simulation.ts'
import { summarise } from './summary.ts'

/**
 * A result file is gzipped JSON (docs/simulate.md): what was simulated, its summary, and each function of {@link Functions} as
 * its value before the first breakpoint and two lists of equal length, times in ms UTC and the values from then on.
 */
const format = 'retrofill-simulation'
const version = 1

const functionNames = [
  'instances',
  'rented',
  'joined',
  'allocated',
  'cost',
  'memory',
  'disk',
  'gpus',
] as const satisfies readonly (keyof Functions)[]

const numbers = z.array(z.number()).transform((list) => Float64Array.from(list))

const stepFunction = z
  .object({ initial: z.number(), times: numbers, values: numbers })
  .refine(({ times, values }) => times.length === values.length, 'expected as many values as times')
  .refine(({ times }) => times.every((time, i) => i === 0 || times[i - 1] < time), 'expected ascending times')
  .transform(({ initial, times, values }): Piecewise => ({ initial, xs: times, ys: values }))

const resultFile = z.object({
  format: z.literal(format),
  version: z.literal(version),
  name: z.string(),
  cluster: z.object({ cluster: z.string(), pool: z.string(), scheduler: z.string().optional() }).nullable(),
  start: z.iso.datetime(),
  end: z.iso.datetime(),
  notes: z.array(z.string()),
  functions: z.object(
    Object.fromEntries(functionNames.map((name) => [name, stepFunction])) as Record<
      keyof Functions,
      typeof stepFunction
    >,
  ),
})

/** The bytes of a result file, piece by piece; each piece is a gzip member of its own. The same simulation gives the same bytes. */
export function* encodeResult(simulation: Simulation): Generator<Uint8Array> {
  const { name, cluster, range, notes, functions } = simulation
  const head = {
    format,
    version,
    name,
    cluster: cluster ?? null,
    start: formatTime(range.start),
    end: formatTime(range.end),
    notes,
    summary: summarise(simulation),
  }
  yield gzipSync(`${JSON.stringify(head).slice(0, -1)},"functions":{`)
  for (const [i, name] of functionNames.entries()) {
    const { initial, xs, ys } = functions[name]
    const text = JSON.stringify({ initial, times: [...xs], values: [...ys] })
    yield gzipSync(`${i === 0 ? '' : ','}"${name}":${text}`)
  }
  yield gzipSync('}}\n')
}

/** Reads what {@link encodeResult} wrote; `name` of the file stands in errors. */
export function decodeResult(bytes: Uint8Array, file: string): Simulation {
  const parsed = resultFile.safeParse(parseJson(bytes, file))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usageError(`invalid result file: ${file} at ${issue.path.join('.') || 'the top'}: ${issue.message}`)
  }
  const { name, cluster, start, end, notes, functions } = parsed.data
  return {
    name,
    cluster: cluster ? { ...cluster, scheduler: cluster.scheduler } : undefined,
    range: { start: Date.parse(start), end: Date.parse(end) },
    functions,
    notes,
  }
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(gunzipSync(bytes).toString('utf8'))
  } catch (error) {
    throw usageError(`invalid result file: ${file} is no gzipped JSON: ${errorMessage(error)}`)
  }
}
