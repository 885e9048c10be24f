import { join } from 'node:path'
import { arrangePoints } from '../../metric/arrange-points.ts'
import { type PointBatch, selectPoints } from '../../metric/points.ts'
import { matchRows, sameRow } from '../../metric/rows.ts'
import { type Summary, talliesOf } from '../../metric/summary.ts'
import { lakeSeries } from '../../store/lake/query.ts'
import { rowKind } from '../../store/lake/row-kind.ts'
import { isFile } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { chunkOf, full } from '../../time/granularity.ts'
import { contains, formatTime, hull, minute, type Range, subtract, union } from '../../time/range.ts'
import { refusal } from '../../util/errors.ts'
import { findDifferentRows, readRows, summed } from '../difference.ts'
import { findHeld, heldBy } from '../held.ts'
import type { Span } from '../ledger.ts'
import { spanRows } from '../span-rows.ts'
import { type Published, readPublished, writePublished } from './published.ts'
import { openStage } from './stage.ts'
import type { QueryContext } from './stretch.ts'
import { landingLake } from './workspace.ts'

/**
 * Publishes the points of the staging lake into a metrics file: those of the range take the place of what the file holds of their
 * series in it, everything else stays. The file appears by one rename, and is read back.
 * @throws a refusal where points would be lost that this job has not written, unless they may be replaced
 */
export async function publishFile(context: QueryContext, range: Range): Promise<void> {
  const { options, signal, report } = context
  if (options.to.kind !== 'file') return
  const { store, path } = options.to
  const names = [...new Set([...(await lakeSeries(landingLake(options), full)), ...(await supersededSeries(context))])]
  // What cannot be read from the staging lake is left as the file has it.
  const { there } = await findHeld(heldBy(context), { granularity: full, range })
  const done = union(there)
  const before = await readPublished(options, path)
  if (options.existing === 'refuse' && (await isFile(path)))
    await requireAllOwn(context, { store, names, done, before })
  for (const part of done) {
    if (names.length === 0) break
    const rows = context.lake.read({ granularity: full }, part, { signal })
    const receipt = await store.replace({ granularity: full, range: part, series: new Set(names) }, rows, { signal })
    report.push.rows += receipt.rows
    report.push.bytes = receipt.bytes
  }
  await writePublished(options, path, { names, done, before })
  for (const part of done) await context.superseded?.replace({ granularity: full, range: part, series: 'all' }, [])
  await verifyFile(context, { store, names, done })
}

/** Refuses to lose points of others, wherever the job has not published just these series before. */
async function requireAllOwn(
  context: QueryContext,
  { store, names, done, before }: { store: Store; names: readonly string[]; done: readonly Range[]; before: Published },
): Promise<void> {
  const isKnown = (name: string) => before.series.has(name)
  const looks = [
    { some: names.filter(isKnown), parts: done.flatMap((part) => subtract(part, before.parts)) },
    { some: names.filter((name) => !isKnown(name)), parts: done },
  ]
  for (const { some, parts } of looks)
    for (const part of parts)
      for (const group of groupsOf(some, part)) await requireOwn(context, { store, group, part })
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

/** The series of points that the file may still hold of earlier versions. */
async function supersededSeries({ superseded }: QueryContext): Promise<string[]> {
  return superseded ? lakeSeries(superseded.path, full) : []
}

/** Refuses to lose a point of a file that is not, just so, among those that are to be written, or that this job has written before. */
async function requireOwn(context: QueryContext, { store, group, part }: Group): Promise<void> {
  const query = { granularity: full, names: group }
  const options = { range: part, signal: context.signal }
  const held = await readRows(store, query, options)
  if (held.length === 0) return
  const isOthers = Array<boolean>(held.length).fill(true)
  for (const lake of [context.lake, context.superseded ?? context.lake]) {
    const rows = await readRows(lake, query, options)
    const ours = store.normalise?.(rows, full) ?? rows
    for (const [i, match] of matchRows(held, ours).entries())
      if (match >= 0 && sameRow(held, i, [ours, match])) isOthers[i] = false
  }
  const row = isOthers.indexOf(true)
  if (row < 0) return
  const found = `${held.dictionary[held.series[row]]} at ${formatTime(held.time[row])}`
  if (await context.confirm(`The file holds points that this job has not written, such as ${found}. Replace them?`))
    return
  throw refusal(
    `the file holds points that this job has not written, such as ${found}`,
    '--yes, or --existing replace, replaces them',
  )
}

/** Reads the published file back, once, and compares it chunk by chunk with what was read, which lies in the staging lake. */
async function verifyFile(
  context: QueryContext,
  { store, names, done }: { store: Store; names: readonly string[]; done: readonly Range[] },
): Promise<void> {
  const { options, signal, ledger } = context
  if (options.verify === 'none' || names.length === 0 || done.length === 0) return
  await using published = await openStage(join(context.temporary, 'published.points'))
  for await (const batch of store.read({ granularity: full, names }, hull(done), { signal }))
    await published.add(batch as PointBatch)
  const proven: Span[] = []
  for (const span of done.flatMap((range) => ledger.done(full, range))) {
    signal.throwIfAborted()
    const found = selectPoints((await published.read(span)).points, (_text, time) => contains(span, time))
    const summary = await verifySpan(context, { store, span, found })
    if (summary) proven.push({ ...span, proven: summary })
  }
  await ledger.record(full, proven)
}

/** Resolves to what the points of a span come to, or to undefined where the file does not hold just them: then the report names it. */
async function verifySpan(
  { lake, proof, report, ledger }: QueryContext,
  { store, span, found }: { store: Store; span: Span; found: PointBatch },
): Promise<Summary | undefined> {
  const none = rowKind(full).arrange([])
  const staged = (await spanRows(lake, full, span)) ?? none
  const rows = arrangePoints([(store.normalise?.(staged, full) ?? staged) as PointBatch])
  const { proven, difference } = proof.check(
    { granularity: full, range: span },
    { read: talliesOf(rows), found: talliesOf(found) },
  )
  const reason = summed(findDifferentRows(rows, found)) ?? difference
  if (reason === undefined) {
    report.push.verified += rows.length
    return proven
  }
  report.mismatched.push({ granularity: full.name, range: { start: span.start, end: span.end }, reason })
  await ledger.fail(full, chunkOf(full, span.start).start, reason)
  return undefined
}
