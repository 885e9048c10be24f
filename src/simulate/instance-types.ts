import { instanceTable } from './instance-table.ts'

/** What one instance of a type has. */
export interface InstanceType {
  readonly vcpus: number
  /** GiB. */
  readonly memory: number
  /** GB of local disk; 0 where there is none. */
  readonly disk: number
  readonly gpus: number
}

/** Instance types by name, such as `c3.8xlarge`. */
export type InstanceTypes = ReadonlyMap<string, InstanceType>

/** The types that need no file. */
export const knownInstanceTypes = (): InstanceTypes => parseTable(instanceTable)

function parseTable(table: string): Map<string, InstanceType> {
  const types = new Map<string, InstanceType>()
  for (const line of table.trim().split('\n')) {
    const [families, sizes] = line.split(': ')
    for (const family of families.split(',')) {
      for (const [size, type] of sizes.split(' ').map(parseSize)) types.set(`${family}.${size}`, type)
    }
  }
  return types
}

function parseSize(text: string): [size: string, type: InstanceType] {
  const [size, resources] = text.split('=')
  const [vcpus, memory, disk, gpus] = resources.split('/').map((number) => (number === '-' ? 0 : Number(number)))
  return [size, { vcpus, memory, disk, gpus }]
}
