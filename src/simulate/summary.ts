import { hour, type Range } from '../time/range.ts'
import { functionOf, integralInHours } from './data.ts'
import { map, type Piecewise, subtract } from './piecewise.ts'
import type { Simulation } from './simulation.ts'

/** Numbers of one simulation; names carry their units. */
export interface Summary {
  /** $. */
  readonly total_cost: number
  readonly vcpu_hours_bought: number
  /** Given to work, even beyond what was bought. */
  readonly vcpu_hours_used: number
  /** $ for vCPUs that no work was given; negative where work was given more than was bought. */
  readonly unused_cost: number
  /** $ per vCPU-hour bought, 0 where none was. */
  readonly cost_per_vcpu_hour: number
  /** Hours in which work was given more vCPUs than were bought. */
  readonly oversubscribed_hours: number
  readonly peak_vcpus: number
  readonly mean_vcpus: number
  readonly peak_instances: number
  readonly peak_memory_gib: number
  readonly peak_disk_gb: number
  readonly peak_gpus: number
}

export function summarise(simulation: Simulation): Summary {
  const { functions, range } = simulation
  const { rented, allocated, cost, instances, memory, disk, gpus } = functions
  const total = integralInHours(cost, range)
  const bought = integralInHours(rented, range)
  const oversubscribed = map(subtract(allocated, rented), (excess) => (excess > 0 ? 1 : 0))
  return {
    total_cost: total,
    vcpu_hours_bought: bought,
    vcpu_hours_used: integralInHours(allocated, range),
    unused_cost: integralInHours(functionOf('unused_cpus_cost', simulation), range),
    cost_per_vcpu_hour: bought === 0 ? 0 : total / bought,
    oversubscribed_hours: integralInHours(oversubscribed, range),
    peak_vcpus: peakOf(rented),
    mean_vcpus: bought / hoursOf(range),
    peak_instances: peakOf(instances),
    peak_memory_gib: peakOf(memory),
    peak_disk_gb: peakOf(disk),
    peak_gpus: peakOf(gpus),
  }
}

const hoursOf = ({ start, end }: Range): number => (end - start) / hour

const peakOf = ({ initial, ys }: Piecewise): number => ys.reduce((peak, y) => Math.max(peak, y), initial)
