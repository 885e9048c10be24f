import { join } from 'node:path'
import type { Lake, LakeOptions } from '../store/lake/lake.ts'
import { fileOf, hasFile, jobFolder } from '../store/lake/layout.ts'
import { chunksOf, type Granularity } from '../time/granularity.ts'
import type { Range } from '../time/range.ts'
import { nodeFiles } from '../util/files.ts'
import type { CommitContext } from './context.ts'
import type { Ledger, Span } from './ledger.ts'

/** The lake that holds, or is to hold, the rows of a span. */
export const lakeOf = async (
  { lake, staging }: Pick<CommitContext, 'lake' | 'staging'>,
  held: Span['held'],
): Promise<Lake> => (held === 'lake' ? lake : staging())

/** What a job has done, and which files are there of it. */
export interface Held {
  readonly ledger: Ledger
  lakeOf(held: Span['held']): Promise<Pick<Lake, 'has'>>
}

export const heldBy = (context: Pick<CommitContext, 'lake' | 'staging' | 'ledger'>): Held => ({
  ledger: context.ledger,
  lakeOf: (held) => lakeOf(context, held),
})

/** Where a job keeps rows that are not asked for, below its own folder. */
export const stagingFolder = (folder: string): string => join(folder, 'staging')

/** The same for those who do not take the lock of the lake. */
export const heldInFiles = (ledger: Ledger, { path, job }: Pick<LakeOptions, 'path' | 'job'>): Held => ({
  ledger,
  lakeOf: async (held) => ({
    has: (granularity, window) =>
      hasFile(
        nodeFiles,
        held === 'lake' ? path : stagingFolder(jobFolder(path, job)),
        fileOf(granularity, window, job),
      ),
  }),
})

interface Place {
  readonly granularity: Granularity
  readonly range: Range
}

/** Where the rows of a span go: they stay where an earlier run has put them; else it matters whether their level `isAsked` for. */
export function whereHeld(ledger: Ledger, { granularity, range }: Place, isAsked: boolean): Span['held'] {
  const isInLake = isAsked || ledger.done(granularity, range).some(({ held }) => held === 'lake')
  return isInLake ? 'lake' : 'staging'
}

/** Stands in the ledger for the inputs of a span whose rows are gone or may be wrong: no inputs are like that, so the span is made again. */
const lostInputs = 'lost'

/** Whether the rows of a done span are there. */
export async function isHeld({ lakeOf }: Pick<Held, 'lakeOf'>, granularity: Granularity, span: Span): Promise<boolean> {
  if (span.rows === 0) return true
  return span.inputs !== lostInputs && (await lakeOf(span.held)).has(granularity, span)
}

/** The done spans that touch a range: those whose rows are there, and those whose file is gone. */
export async function findHeld(held: Held, { granularity, range }: Place): Promise<{ there: Span[]; gone: Span[] }> {
  const found = { there: [] as Span[], gone: [] as Span[] }
  for (const span of held.ledger.done(granularity, range))
    found[(await isHeld(held, granularity, span)) ? 'there' : 'gone'].push(span)
  return found
}

/**
 * Where the file of a chunk that was made in several spans is gone, records that none of them, in range or not, has the inputs that it
 * should: as soon as the first one is made again, there is a file, and the others would pass for held.
 */
export async function disownLost({ ledger, lakeOf }: Held, { granularity, range }: Place): Promise<void> {
  for (const window of chunksOf(granularity, range)) {
    const spans = ledger.done(granularity, window).filter(({ rows }) => rows > 0)
    for (const held of ['lake', 'staging'] as const) {
      const there = spans.filter((span) => span.held === held)
      if (there.length < 2 || (await (await lakeOf(held)).has(granularity, window))) continue
      await disown(ledger, granularity, there)
    }
  }
}

/**
 * Records that coarser levels of a range have not the inputs that they should: series that come back from another job may have left
 * these with it.
 */
export async function disownCoarser(ledger: Ledger, { granularity, range }: Place): Promise<void> {
  for (const coarser of ledger.granularities().filter(({ size }) => size > granularity.size))
    await disown(ledger, coarser, ledger.done(coarser, range))
}

/** Records that spans, which stay done, have not the inputs that they should. */
const disown = (ledger: Ledger, granularity: Granularity, spans: readonly Span[]): Promise<void> =>
  ledger.record(
    granularity,
    spans.map((span) => ({ ...span, inputs: lostInputs })),
  )
