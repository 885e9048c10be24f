import { firstLost, type RowBatch } from '../metric/rows.ts'
import { sameRows, sameSample } from '../metric/same-rows.ts'
import { pointsOf, type RowSequence } from '../metric/sequence.ts'
import { type Summary, talliesOf } from '../metric/summary.ts'
import { checksum } from '../store/lake/checksum.ts'
import type { Lake, LakeReceipt } from '../store/lake/lake.ts'
import { WouldShrink } from '../store/lake/rivals.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import { chunkOf, type Granularity } from '../time/granularity.ts'
import { contains, covers, formatRange, formatTime, type Range, subtract } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import type { CommitContext, Failure, LakeVerification } from './context.ts'
import { disownCoarser, lakeOf } from './held.ts'
import type { Span } from './ledger.ts'
import type { Proof, ProofOutcome } from './proof.ts'
import { spanRows } from './span-rows.ts'

/** A span to be made durable: its rows and where they come from. */
export interface Draft {
  readonly granularity: Granularity
  readonly range: Range
  readonly rows: RowSequence
  readonly inputs: string
  readonly duplicates: number
  readonly held: Span['held']
  /** Whether it is made of rows that are durable themselves, and follows them. */
  readonly isDerived?: boolean
  /** Files that hold points of it, but cannot be read: see {@link Span.without}. */
  readonly without?: readonly string[]
}

/**
 * Puts the rows of a span where they belong, reads them back and compares. Resolves to what the ledger is to record, or to undefined
 * where the span was refused or did not verify: then the report and the ledger name it.
 */
export async function commitSpan(context: CommitContext, draft: Draft): Promise<Span | undefined> {
  const { range, rows, inputs, duplicates, held, without } = draft
  const lake = await lakeOf(context, held)
  const before = await whatIsHeld(context, draft)
  const loss = findLoss(context, draft, before)
  if (loss !== undefined) return refuseSpan(context, draft, loss)
  let digest: string | undefined
  let proven: Summary | undefined
  if (rows.length > 0 || before.rows > 0) {
    const receipt = await put(lake, draft)
    if (typeof receipt === 'string') return refuseSpan(context, draft, receipt)
    context.report.bytesWritten += receipt.bytes
    if (receipt.tookOver) await disownCoarser(context.ledger, draft)
    digest = receipt.checksum
    const outcome = await compare(context, lake, { ...draft, isWhole: receipt.held === rows.length })
    if (outcome.difference !== undefined)
      return failSpan(context, draft, { list: context.report.mismatched, reason: outcome.difference })
    proven = outcome.proven
  }
  context.report.rows += rows.length
  context.progress.advance({ rows: rows.length })
  const made = {
    inputs,
    points: rows.points,
    duplicates,
    rows: rows.length,
    checksum: digest ?? checksum(rows.whole()),
  }
  return { ...range, ...made, held, ...(without?.length && { without }), madeAt: context.now(), proven }
}

/** Puts the rows of a span where they belong, or tells why that must not be. */
async function put(lake: Lake, { granularity, range, rows }: Draft): Promise<LakeReceipt | string> {
  try {
    return await lake.put(granularity, range, rows)
  } catch (error) {
    if (error instanceof WouldShrink) return error.message
    throw error
  }
}

/** Names a span in the report and in the ledger that is not to be made as things are. */
export const refuseSpan = (context: CommitContext, place: Place, reason: string): Promise<undefined> =>
  failSpan(context, place, { list: context.report.refused, reason })

type Place = Pick<Draft, 'granularity' | 'range'>

async function failSpan(
  { ledger }: CommitContext,
  { granularity, range }: Place,
  { list, reason }: { list: Failure[]; reason: string },
): Promise<undefined> {
  list.push({ granularity: granularity.name, range, reason })
  await ledger.fail(granularity, chunkOf(granularity, range.start).start, reason)
}

/** Whether a span would be refused, since it lacks some of what it is to replace. */
export const wouldLose = async (context: CommitContext, draft: Draft): Promise<boolean> =>
  findLoss(context, draft, await whatIsHeld(context, draft)) !== undefined

/** What a span would lose of what it is to replace, unless it may. */
function findLoss(
  { settings }: CommitContext,
  { rows, isDerived, without = [] }: Draft,
  before: Before,
): string | undefined {
  if (settings.allowShrink) return undefined
  // Those that the ledger knows follow what they are made of, which has been judged.
  const { points } = isDerived ? before.unknown : before
  if (rows.points < points || (!isDerived && rows.length < before.rows))
    return `would shrink from ${before.points} points in ${before.rows} rows to ${rows.points} in ${rows.length}`
  const lost = before.points > 0 ? without.find((file) => !before.without.has(file)) : undefined
  if (lost) return `would lose the points of ${lost}, which cannot be read any more`
  return isDerived ? undefined : findLostRow(before.unknown.found, rows)
}

/** Rows that the ledger does not know are judged one by one: nobody can tell which of them others have brought. */
function findLostRow(found: RowBatch | undefined, rows: RowSequence): string | undefined {
  const lost = found?.length ? firstLost(found, rows.whole()) : undefined
  return lost && `would lose points of ${lost.text}: the first at ${formatTime(lost.time)}`
}

interface Amount {
  readonly points: number
  readonly rows: number
}

/** What there is where a span is to go. */
interface Before extends Amount {
  /** What of it the ledger does not know. */
  readonly unknown: Amount & { readonly found?: RowBatch }
  /** Files that fed none of it, since they could not be read. */
  readonly without: ReadonlySet<string>
}

/** What the ledger says of the span, and of parts that it has no entry of, or other rows, what the lake holds there. */
async function whatIsHeld(context: CommitContext, { granularity, range, held }: Draft): Promise<Before> {
  const spans = context.ledger.done(granularity, range)
  const without = new Set(spans.flatMap((span) => span.without ?? []))
  const rows = await spanRows(await lakeOf(context, held), granularity, range)
  const rowsIn = (parts: readonly Range[]) =>
    rows && rowKind(granularity).select(rows, (_text, time) => parts.some((part) => contains(part, time)))
  // Where a span has more rows than it was made with, they came with series that were taken over.
  const isKnown = (span: Span) => (rowsIn([span])?.length ?? 0) <= span.rows
  const known = spans.every((span) => covers(range, span)) ? spans.filter(isKnown) : []
  const unknown = amountOf(rowsIn(subtract(range, known)))
  return {
    points: sum(known.map((span) => span.points)) + unknown.points,
    rows: sum(known.map((span) => span.rows)) + unknown.rows,
    unknown,
    without,
  }
}

const amountOf = (found: RowBatch | undefined): Before['unknown'] =>
  found ? { points: pointsOf(found), rows: found.length, found } : { points: 0, rows: 0 }

interface Written extends Draft {
  /** Whether the span is all that its file holds. */
  readonly isWhole: boolean
}

/** Reads the span back. Resolves to what differs, if anything does. */
async function compare(context: CommitContext, lake: Lake, written: Written): Promise<ProofOutcome> {
  const { verify } = context.settings
  if (verify === 'none') return {}
  const { granularity, range, rows, held } = written
  const proof = held === 'lake' ? context.lakeProof : undefined
  const outcome = await compareDecoded(lake, written, { verify, proof })
  if (outcome.difference !== undefined) return outcome
  const difference = verify === 'full' && !proof ? await lake.verifyByQuery(granularity, range) : undefined
  if (difference !== undefined) return { difference }
  context.report.verifiedRows += verify === 'sample' ? Math.min(rows.length, sampleSize) : rows.length
  return outcome
}

/** The same by our own reader of lake files. */
async function compareDecoded(
  lake: Lake,
  { granularity, range, rows, isWhole }: Written,
  { verify, proof }: { verify: LakeVerification; proof?: Proof },
): Promise<ProofOutcome> {
  // Where the span is all that the file holds, row groups are compared where they are decoded.
  const byChecksum = !proof && verify !== 'sample' && isWhole && rows.length > 0
  if (byChecksum && (await lake.verify(granularity, range))) return {}
  const stored = await readBack(lake, granularity, range)
  if (typeof stored === 'string') return { difference: stored }
  const outcome: ProofOutcome =
    proof?.check({ granularity, range }, { read: talliesOf(rows.whole()), found: talliesOf(stored) }) ?? {}
  const difference = outcome.difference ?? differenceOf(stored, { range, rows }, verify)
  return difference === undefined ? outcome : { difference }
}

/** The rows of a span that a lake holds, or why they cannot be read. */
async function readBack(lake: Lake, granularity: Granularity, range: Range): Promise<RowBatch | string> {
  try {
    return (await spanRows(lake, granularity, range)) ?? rowKind(granularity).arrange([])
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
}

function differenceOf(
  stored: RowBatch,
  { range, rows }: Pick<Draft, 'range' | 'rows'>,
  verify: LakeVerification,
): string | undefined {
  if (stored.length !== rows.length) return `expected ${rows.length} rows, read ${stored.length} back`
  const isSame = verify === 'sample' ? sameSample(stored, rows.whole(), sampleSize) : sameRows(stored, rows.whole())
  return isSame ? undefined : `the rows read back differ from those written in ${formatRange(range)}`
}

const sampleSize = 1_000

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
