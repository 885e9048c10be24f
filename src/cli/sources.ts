import type { Pace } from '../bucket/caller.ts'
import type { SourceDefinition } from '../source/definition.ts'
import { ExitCode } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { print } from './context.ts'
import { choice } from './flags.ts'
import { alignPairs, formatCount } from './format.ts'

type Flags = { readonly output: 'text' | 'json' }

export const sourcesCommand = defineCommand<Flags, [name?: string]>({
  flags: { output: choice('output', ['text', 'json'], 'Form of the answer') },
  positional: {
    kind: 'tuple',
    parameters: [{ parse: String, brief: 'One of them, to see its options', placeholder: 'name', optional: true }],
  },
  async run(context, { output }, name) {
    const [{ sourceDefinition, sourceNames }, { describeOptions }] = await Promise.all([
      import('../source/registry.ts'),
      import('../source/options.ts'),
    ])
    const names = name === undefined ? sourceNames : [name]
    const known = await Promise.all(names.map(async (one) => ({ name: one, definition: await sourceDefinition(one) })))
    const sources = known.map(({ name: one, definition }) => describe(one, definition, describeOptions(definition)))
    if (output === 'json') print(context, JSON.stringify(name === undefined ? sources : sources[0]))
    else print(context, name === undefined ? formatList(sources) : formatOptions(sources[0]))
    return ExitCode.ok
  },
})

type Options = ReturnType<typeof import('../source/options.ts').describeOptions>

const describe = (name: string, { brief, needsMetric, pace }: SourceDefinition, options: Options) => ({
  name,
  brief,
  needsMetric,
  pace,
  options,
})

type Described = ReturnType<typeof describe>

const formatList = (sources: readonly Described[]): string =>
  [
    ...alignPairs(sources.map(({ name, brief }) => [name, brief])),
    '',
    'the options of one:  retrofill sources NAME',
    'aws, with -o service=cloudwatch or spot-prices, is one of these two',
  ].join('\n')

function formatPace({ maxRequestsPerSecond, maxPointsPerSecond }: Pace = {}): string[] {
  const parts = [
    ...(maxRequestsPerSecond === undefined ? [] : [`${formatCount(maxRequestsPerSecond)} requests`]),
    ...(maxPointsPerSecond === undefined ? [] : [`${formatCount(maxPointsPerSecond)} points`]),
  ]
  return parts.length > 0 ? [`It is asked for at most ${parts.join(' and ')} a second, its own limits.`] : []
}

function formatOptions({ brief, needsMetric, pace, options }: Described): string {
  const pairs = options.map((option) => {
    const { name, description, isRequired, default: byDefault, values, aliases } = option
    const more = [
      ...(isRequired ? ['required'] : []),
      ...(values ? [values.join(', ')] : []),
      ...(byDefault === undefined ? [] : [`default ${byDefault}`]),
      ...(aliases ? [`also ${aliases.join(', ')}`] : []),
    ]
    return [`-o ${name}=…`, `${description}${more.length > 0 ? ` (${more.join('; ')})` : ''}`] as const
  })
  return [
    brief,
    needsMetric ? 'Metrics must be named: --metric NAME' : 'Without --metric all series are taken.',
    ...formatPace(pace),
    ...(pairs.length > 0 ? ['', ...alignPairs(pairs)] : []),
  ].join('\n')
}
