import { always, type Range, requireInstants } from '../time/range.ts'
import { ExitCode } from '../util/errors.ts'
import { defineCommand } from './command.ts'
import { type Context, printPieces, say } from './context.ts'
import { choice, optional, text } from './flags.ts'
import { parseTimes, type TimeFlags, timeFlags } from './time-flags.ts'

type Flags = TimeFlags & {
  readonly granularity?: string
  readonly series?: string
  readonly output: 'table' | 'csv' | 'ndjson'
}

export const readCommand = defineCommand<Flags, [store: string]>({
  flags: {
    granularity: optional(
      text('Level to read: full, 5m, 20m, …; by default 5m, of what holds points only full', 'level'),
    ),
    series: optional(text('Series whose text matches a glob of * and ?', 'glob')),
    ...timeFlags,
    output: choice('output', ['table', 'csv', 'ndjson'], 'Form of the rows'),
  },
  positional: {
    kind: 'tuple',
    parameters: [
      {
        parse: String,
        brief: 'Directory of the lake, cassandra://host/KEYSPACE, dynamodb://REGION/, or metrics file',
        placeholder: 'store',
      },
    ],
  },
  async run(context, flags, path) {
    const [{ parseGranularity }, { holdsPoints, openForReading }, { rowFormatter }] = await Promise.all([
      import('../time/granularity.ts'),
      import('../store/open.ts'),
      import('./rows.ts'),
    ])
    const store = await openForReading(path, context.process.env)
    const granularity = parseGranularity(flags.granularity ?? ((await holdsPoints(path)) ? 'full' : '5m'))
    const range = await parseRange(flags, context)
    const format = rowFormatter(flags.output)
    const query = { granularity, glob: flags.series }
    let rows = 0
    for await (const batch of store.read(query, range, { signal: context.signal })) {
      rows += batch.length
      await printPieces(context, [format(batch)])
    }
    if (rows > 0) return ExitCode.ok
    say(context, `no rows of ${granularity.name} in ${path} for these series and times`)
    return ExitCode.nothing
  },
})

async function parseRange(flags: TimeFlags, context: Context): Promise<Range> {
  const { start = always.start, end = always.end } = await parseTimes(flags, context)
  return requireInstants({ start, end })
}
