import type { RowBatch } from '../metric/rows.ts'
import { sameRows, sameSample } from '../metric/same-rows.ts'
import { pointsOf, type RowSequence } from '../metric/sequence.ts'
import { type Summary, talliesOf } from '../metric/summary.ts'
import { checksum } from '../store/lake/checksum.ts'
import type { Lake } from '../store/lake/lake.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import { chunkOf, type Granularity } from '../time/granularity.ts'
import { covers, formatRange, type Range } from '../time/range.ts'
import { UserError } from '../util/errors.ts'
import { type CommitContext, type Failure, type LakeVerification, lakeOf } from './context.ts'
import type { Span } from './ledger.ts'
import type { Proof, ProofOutcome } from './proof.ts'
import { spanRows } from './superseded.ts'

/** A span to be made durable: its rows and where they come from. */
export interface Draft {
  readonly granularity: Granularity
  readonly range: Range
  readonly rows: RowSequence
  readonly inputs: string
  readonly duplicates: number
  readonly held: Span['held']
}

/**
 * Puts the rows of a span where they belong, reads them back and compares. Resolves to what the ledger is to record, or to undefined
 * where the span was refused or did not verify: then the report and the ledger name it.
 */
export async function commitSpan(context: CommitContext, draft: Draft): Promise<Span | undefined> {
  const { granularity, range, rows, inputs, duplicates, held } = draft
  const lake = await lakeOf(context, held)
  const before = await whatIsHeld(context, draft)
  if (isShrinking(context, draft, before)) {
    const reason = `would shrink from ${before.points} points in ${before.rows} rows to ${rows.points} in ${rows.length}`
    return fail(context, draft, { list: context.report.refused, reason })
  }
  let digest: string | undefined
  let proven: Summary | undefined
  if (rows.length > 0 || before.rows > 0) {
    const receipt = await lake.put(granularity, range, rows)
    context.report.bytesWritten += receipt.bytes
    digest = receipt.checksum
    const outcome = await compare(context, lake, { ...draft, isWhole: receipt.held === rows.length })
    if (outcome.difference !== undefined)
      return fail(context, draft, { list: context.report.mismatched, reason: outcome.difference })
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
  return { ...range, ...made, held, madeAt: context.now(), proven }
}

async function fail(
  { ledger }: CommitContext,
  { granularity, range }: Draft,
  { list, reason }: { list: Failure[]; reason: string },
): Promise<undefined> {
  list.push({ granularity: granularity.name, range, reason })
  await ledger.fail(granularity, chunkOf(granularity, range.start).start, reason)
}

/** Whether a span would be refused, since it holds less than what it is to replace. */
export const wouldShrink = async (context: CommitContext, draft: Draft): Promise<boolean> =>
  isShrinking(context, draft, await whatIsHeld(context, draft))

const isShrinking = ({ settings }: CommitContext, { rows }: Draft, before: Held): boolean =>
  !settings.allowShrink && (rows.points < before.points || rows.length < before.rows)

interface Held {
  readonly points: number
  readonly rows: number
}

/** What the ledger says of the span, or without an entry of just its own what the lake holds there. */
async function whatIsHeld(context: CommitContext, { granularity, range, held }: Draft): Promise<Held> {
  const spans = context.ledger.done(granularity, range)
  if (spans.length > 0 && spans.every((span) => covers(range, span))) {
    return { points: sum(spans.map((span) => span.points)), rows: sum(spans.map((span) => span.rows)) }
  }
  const lake = await lakeOf(context, held)
  const rows = await spanRows(lake, granularity, range)
  return { points: rows ? pointsOf(rows) : 0, rows: rows?.length ?? 0 }
}

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
