import { join } from 'node:path'
import type { PointBatch } from '../../metric/points.ts'
import { matchRows, sameRow } from '../../metric/rows.ts'
import { jobFolder } from '../../store/lake/layout.ts'
import { lakeSeries } from '../../store/lake/query.ts'
import { rowKind } from '../../store/lake/row-kind.ts'
import { isFile } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { full } from '../../time/granularity.ts'
import { formatTime, minute, type Range, subtract, union } from '../../time/range.ts'
import { refusal } from '../../util/errors.ts'
import { nodeFiles, replaceFile } from '../../util/files.ts'
import { findDifference, readRows } from '../difference.ts'
import { jobId } from './job.ts'
import type { QueryContext } from './stretch.ts'
import { landingLake } from './workspace.ts'

/**
 * Publishes the points of the staging lake into a metrics file: those of the range take the place of what the file holds of their
 * series in it, everything else stays. The file appears by one rename, and is read back.
 * @throws a refusal where points would be lost that this job has not written, unless they may be replaced
 */
export async function publishFile(context: QueryContext, range: Range): Promise<void> {
  const { options, ledger, signal, report } = context
  if (options.to.kind !== 'file') return
  const { store, path } = options.to
  const staging = landingLake(options)
  const names = await lakeSeries(staging, full)
  const done = union(ledger.done(full, range))
  const before = await readPublished(context)
  if (options.existing === 'refuse' && (await isFile(path))) {
    for (const part of done.flatMap((each) => subtract(each, before)))
      for (const group of groupsOf(names, part)) await requireOwn(context, { store, group, part })
  }
  for (const part of done) {
    if (names.length === 0) break
    const rows = context.lake.read({ granularity: full }, part, { signal })
    const receipt = await store.replace({ granularity: full, range: part, series: new Set(names) }, rows, { signal })
    report.push.rows += receipt.rows
    report.push.bytes = receipt.bytes
  }
  await writePublished(context, union([...before, ...done]))
  await verifyFile(context, { store, names, done })
}

/** Series that are looked at together: as many as are likely to fit into memory at a point a minute. */
function groupsOf(names: readonly string[], { start, end }: Range): string[][] {
  const size = Math.max(1, Math.min(1_000, Math.floor((pointsInMemory * minute) / (end - start))))
  return Array.from({ length: Math.ceil(names.length / size) }, (_, i) => names.slice(i * size, (i + 1) * size))
}

const pointsInMemory = 1_000_000

interface Group {
  readonly store: Store
  readonly group: readonly string[]
  readonly part: Range
}

/** Refuses to lose a point of a file that is not, just so, among those that are to be written. */
async function requireOwn(context: QueryContext, { store, group, part }: Group): Promise<void> {
  const query = { granularity: full, names: group }
  const held = await readRows(store, query, { range: part })
  if (held.length === 0) return
  const staged = await readRows(context.lake, query, { range: part })
  const ours = store.normalise?.(staged, full) ?? staged
  const row = matchRows(held, ours).findIndex((match, i) => match < 0 || !sameRow(held, i, [ours, match]))
  if (row < 0) return
  const found = `${held.dictionary[held.series[row]]} at ${formatTime(held.time[row])}`
  if (await context.confirm(`The file holds points that this job has not written, such as ${found}. Replace them?`))
    return
  throw refusal(
    `the file holds points that this job has not written, such as ${found}`,
    '--yes, or --existing replace, replaces them',
  )
}

async function verifyFile(
  { options, report, signal, lake }: QueryContext,
  { store, names, done }: { store: Store; names: readonly string[]; done: readonly Range[] },
): Promise<void> {
  for (const range of done) {
    for (const group of groupsOf(names, range)) {
      const staged = await readRows(lake, { granularity: full, names: group }, { range, signal })
      const rows = (store.normalise?.(staged, full) ?? staged) as PointBatch
      const none = rowKind(full).arrange([])
      const finding = await findDifference(
        { store, verify: options.verify },
        { granularity: full, range, rows, gone: none },
      )
      report.push.verified += finding.verified
      if (finding.difference !== undefined)
        report.mismatched.push({ granularity: full.name, range, reason: finding.difference })
    }
  }
}

const publishedPath = ({ options }: QueryContext): string =>
  join(jobFolder(landingLake(options), jobId(options)), 'published.json')

/** The parts of time that this job has published before. */
async function readPublished(context: QueryContext): Promise<Range[]> {
  const bytes = await nodeFiles.read(publishedPath(context))
  return bytes ? JSON.parse(Buffer.from(bytes).toString()) : []
}

async function writePublished(context: QueryContext, ranges: readonly Range[]): Promise<void> {
  const path = publishedPath(context)
  await replaceFile(nodeFiles, { path, temporary: `${path}.tmp` }, [Buffer.from(JSON.stringify(ranges))])
}
