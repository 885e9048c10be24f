import { ExitCode, usageError } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { choice, text } from './flags.ts'
import { parseTimes, type TimeFlags, timeFlags } from './values.ts'

type Flags = TimeFlags & {
  readonly granularity: string
  readonly series?: string
  readonly output: 'table' | 'csv' | 'ndjson'
}

export const readCommand = defineCommand<Flags, [lake: string]>({
  brief: 'Prints rows of a lake',
  flags: {
    granularity: { ...text('Level to read', 'level'), default: '5m' },
    series: { ...text('Series whose text matches a glob of * and ?', 'glob'), optional: true },
    ...timeFlags,
    output: choice('output', ['table', 'csv', 'ndjson'], 'Form of the rows'),
  },
  positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Directory of the lake', placeholder: 'lake' }] },
  async run(context, flags, lake) {
    const [{ parseGranularity, full }, { isLake }, { queryLake }, { nodeFiles }, { rowFormatter }] = await Promise.all([
      import('../time/granularity.ts'),
      import('../store/lake/layout.ts'),
      import('../store/lake/query.ts'),
      import('../util/files.ts'),
      import('./rows.ts'),
    ])
    if (!(await isLake(nodeFiles, lake)))
      throw usageError(`not a lake: ${lake}`, 'name the folder that rollup wrote to')
    const granularity = parseGranularity(flags.granularity)
    if (granularity === full) throw usageError('invalid --granularity: this lake holds rollups, got full')
    const { start = 0, end = lastInstant } = await parseTimes(flags, context)
    const write = rowFormatter(flags.output, (line) => context.process.stdout.write(`${line}\n`))
    const options = { signal: context.signal }
    let rows = 0
    for await (const batch of queryLake(
      lake,
      { query: { granularity, glob: flags.series }, range: { start, end } },
      options,
    )) {
      rows += batch.length
      write(batch)
    }
    return rows === 0 ? ExitCode.nothing : ExitCode.ok
  },
})

/** The last instant that a Date can hold. */
const lastInstant = 8.64e15
