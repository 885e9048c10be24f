import type { SimulationEvent } from '../simulate/events.ts'
import type { Simulation } from '../simulate/simulation.ts'
import { ExitCode, usageError } from '../util/errors.ts'
import { readNamedFile } from '../util/named-file.ts'
import { defineCommand } from './command.ts'
import { type Context, say } from './context.ts'
import { type SimulateFlags, simulateFlags, simulateSynonyms } from './simulate-flags.ts'

export const simulateCommand = defineCommand<SimulateFlags>({
  flags: simulateFlags,
  synonyms: simulateSynonyms,
  aliases: { q: 'quiet' },
  async run(context, flags) {
    try {
      return await runCommand(context, flags)
    } catch (error) {
      if (!context.signal.aborted) throw error
      say(context, 'interrupted: each file is whole or as it was')
      return ExitCode.interrupted
    }
  },
})

async function runCommand(context: Context, flags: SimulateFlags): Promise<ExitCode> {
  const { planOutputs, printEvents, putOutComparison, putOutSimulation } = await import('./simulate-output.ts')
  checkComparison(flags)
  const plan = await planOutputs(flags)
  const [file, secondFile] = flags.compare ?? []
  const stored = file === undefined ? undefined : await readResult(file)
  if (stored && secondFile !== undefined) {
    await putOutComparison(context, plan, [stored, await readResult(secondFile)])
    return ExitCode.ok
  }
  const { simulation, events } = await runSimulation(context, flags)
  await printEvents(context, plan, events)
  if (stored) await putOutComparison(context, plan, [simulation, stored])
  else await putOutSimulation(context, plan, simulation)
  return ExitCode.ok
}

function checkComparison({ compare = [], metricsDataFiles = [], from = [] }: SimulateFlags): void {
  if (compare.length > 2)
    throw usageError(`cannot compare more than two simulations, got ${compare.length}: ${compare.join(', ')}`)
  if (compare.length === 2 && metricsDataFiles.length + from.length > 0)
    throw usageError(
      'cannot simulate and compare two results at once',
      'give one file to --compare, or no --metrics-data-files and --from',
    )
}

async function readResult(file: string): Promise<Simulation> {
  const { decodeResult } = await import('../simulate/result-file.ts')
  return decodeResult(await readNamedFile(file), file)
}

async function runSimulation(
  context: Context,
  flags: SimulateFlags,
): Promise<{ simulation: Simulation; events: Iterable<SimulationEvent> }> {
  const [
    { openInputs },
    { readHistory },
    { selectCluster },
    { requirePoints },
    { simulate },
    { eventsOf },
    { parseOptions },
  ] = await Promise.all([
    import('./simulate-inputs.ts'),
    import('../simulate/history.ts'),
    import('../simulate/select.ts'),
    import('../simulate/require-points.ts'),
    import('../simulate/simulation.ts'),
    import('../simulate/events.ts'),
    import('./simulate-options.ts'),
  ])
  const { cluster, pool, scheduler } = flags
  const sources = await openInputs(context, flags)
  const options = await parseOptions(context, flags)
  const history = await readHistory(sources, { signal: context.signal })
  const own = selectCluster(history, { cluster, pool, scheduler })
  const simulation = simulate(history, own, options)
  if (!flags.allowEmpty) requirePoints(history, own, options)
  for (const note of flags.quiet ? [] : simulation.notes) say(context, `note: ${note}`)
  return { simulation, events: eventsOf(history, own, { ...simulation, discount: options.discount }) }
}
