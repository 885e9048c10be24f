import type { JoinDelay } from '../simulate/fleet.ts'
import type { SimulationOptions } from '../simulate/simulation.ts'
import { hour, type Range, second } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import type { Context } from './context.ts'
import type { SimulateFlags } from './simulate-flags.ts'
import { parseTimes } from './time-flags.ts'

/** What the flags and the files they name say of a simulation. */
export async function parseOptions(context: Context, flags: SimulateFlags): Promise<SimulationOptions> {
  const [{ parseDuration }, { knownInstanceTypes }] = await Promise.all([
    import('../time/duration.ts'),
    import('../simulate/instance-types.ts'),
  ])
  const { name, lookBack, cpusPerWeight, discount, refund, ebsVolumeSize } = flags
  const billingPeriod = parseDuration(flags.billingPeriod)
  if (billingPeriod === 0)
    throw usageError(`invalid --billing-period: expected a positive length, got ${flags.billingPeriod}`)
  const files = await readFiles(flags)
  return {
    ...{ name, lookBack, cpusPerWeight, discount, refund, ebsVolumeSize, billingPeriod },
    range: await parseRange(context, flags),
    instanceTypes: new Map([...knownInstanceTypes(), ...files.instanceTypes]),
    joinDelay: await joinDelays(flags),
    bids: files.bids,
    onDemandPrices: files.onDemandPrices,
  }
}

async function readFiles({ instanceTypes, bids, onDemandPrices }: SimulateFlags) {
  const nothing = new Map<string, never>()
  if (!instanceTypes && !bids && !onDemandPrices)
    return { instanceTypes: nothing, bids: nothing, onDemandPrices: nothing }
  const { readInstanceTypes, readPrices } = await import('../simulate/option-files.ts')
  return {
    instanceTypes: instanceTypes ? await readInstanceTypes(instanceTypes) : nothing,
    bids: bids ? await readPrices(bids) : nothing,
    onDemandPrices: onDemandPrices ? await readPrices(onDemandPrices) : nothing,
  }
}

/** As in the original, the last hour by default. */
async function parseRange(context: Context, flags: SimulateFlags): Promise<Range> {
  const now = context.now()
  const { start = now - hour, end = now } = await parseTimes(flags, context)
  return { start, end }
}

/** Each market draws from a stream of its own, so that another market changes no delay. */
async function joinDelays({ joinDelayParams, seed }: SimulateFlags): Promise<(market: string) => JoinDelay> {
  const { length } = joinDelayParams ?? []
  if (!joinDelayParams || length === 0) return () => 0
  if (length !== 2)
    throw usageError(`invalid --join-delay-params: expected a mean and a deviation, got ${length} numbers`)
  const [mean, deviation] = joinDelayParams.map((seconds) => seconds * second)
  if (deviation === 0) return () => mean
  const [{ pythonRandom }, { gauss }] = await Promise.all([
    import('../random/python-random.ts'),
    import('../random/continuous.ts'),
  ])
  return (market) => gauss(pythonRandom(`${seed} ${market}`), { mu: mean, sigma: deviation })
}
