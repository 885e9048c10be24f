import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { errorMessage, usageError } from '../util/errors.ts'
import type { InstanceTypes } from './instance-types.ts'
import { formatMarket, parseMarket } from './market.ts'

const prices = z.record(z.string(), z.number().nonnegative())

const instanceTypes = z.record(
  z.string(),
  z.strictObject({
    vcpus: z.number().int().positive(),
    memory: z.number().nonnegative().default(0),
    disk: z.number().nonnegative().default(0),
    gpus: z.number().int().nonnegative().default(0),
  }),
)

/** Reads a YAML mapping of markets (`<type, zone>`) or types to $/h. */
export async function readPrices(file: string): Promise<ReadonlyMap<string, number>> {
  const entries = Object.entries(await readYaml(file, prices))
  return new Map(entries.map(([key, price]) => [key.includes(',') ? formatMarket(parseMarket(key, file)) : key, price]))
}

/** Reads a YAML mapping of instance types to what one has: `{vcpus, memory, disk, gpus}`, vCPUs at least. */
export const readInstanceTypes = async (file: string): Promise<InstanceTypes> =>
  new Map(Object.entries(await readYaml(file, instanceTypes)))

async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await parseYaml(file))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw usageError(
    `invalid file ${file}: ${issue.message}${issue.path.length > 0 ? ` at ${issue.path.join('.')}` : ''}`,
  )
}

async function parseYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw usageError(`cannot read ${file}: ${errorMessage(error)}`)
  }
}
