import { Kind, type PointBatch } from '../../metric/points.ts'
import { allocateRollups } from '../../metric/rollups.ts'
import type { RowBatch } from '../../metric/rows.ts'
import { full, type Granularity } from '../../time/granularity.ts'
import { formatTime, type Range, type Time } from '../../time/range.ts'
import { errorMessage, UserError } from '../../util/errors.ts'
import { seriesOf } from './locators.ts'
import { rollupDecoder } from './rollup-codec.ts'
import { tableOf } from './schema.ts'
import type { Page, Session } from './session.ts'
import { decodeValue } from './value-codec.ts'

/** What to read: the rows of some locators, one after another. */
export interface ReadPlan {
  readonly granularity: Granularity
  readonly range: Range
  readonly locators: Iterable<string>
}

/** Locators whose first rows are asked for before it is their turn. */
const ahead = 128
/** Rows of a batch, but for the last page that goes into it. */
const rowsOfBatch = 8_192

interface StoredRow {
  readonly locator: string
  readonly time: Time
  readonly value: Buffer
}

/** Reads the rows of some locators, in their order, time ascending inside one. */
export async function* readLocators(session: Session, plan: ReadPlan, signal?: AbortSignal): AsyncIterable<RowBatch> {
  const toBatch = plan.granularity === full ? pointBatch : rollupBatch
  let rows: StoredRow[] = []
  for await (const page of readPages(session, plan, signal)) {
    rows.push(...page)
    if (rows.length < rowsOfBatch) continue
    yield toBatch(rows, plan.granularity)
    rows = []
  }
  if (rows.length > 0) yield toBatch(rows, plan.granularity)
}

async function* readPages(session: Session, plan: ReadPlan, signal?: AbortSignal): AsyncIterable<StoredRow[]> {
  const { start, end } = plan.range
  const table = `${session.keyspace}.${tableOf(plan.granularity)}`
  const cql = `SELECT column1, value FROM ${table} WHERE key = ? AND column1 >= ? AND column1 < ?`
  const ask = (locator: string, after?: string) =>
    session.page({ cql, values: [locator, start, end] }, { after, signal })
  for await (const { item: locator, answer } of askAhead(plan.locators, ask)) {
    let page = answer
    for (;;) {
      if (page.rows.length > 0) yield page.rows.map((row) => storedRow(locator, row))
      if (page.next === undefined) break
      page = await ask(locator, page.next)
    }
  }
}

/** Asks for every item, some ahead of the one whose answer is given. */
async function* askAhead<Item>(
  items: Iterable<Item>,
  ask: (item: Item) => Promise<Page>,
): AsyncIterable<{ item: Item; answer: Page }> {
  const asked: { item: Item; answer: Promise<Page> }[] = []
  for (const item of items) {
    const answer = ask(item)
    // Whoever stops reading does not wait for the others, which may then fail unheard.
    answer.catch(() => undefined)
    asked.push({ item, answer })
    if (asked.length < ahead) continue
    const first = asked.shift()
    if (first) yield { item: first.item, answer: await first.answer }
  }
  for (const { item, answer } of asked) yield { item, answer: await answer }
}

const storedRow = (locator: string, { column1, value }: Page['rows'][number]): StoredRow => ({
  locator,
  time: Number(column1),
  value: value as Buffer,
})

function rollupBatch(rows: readonly StoredRow[], granularity: Granularity): RowBatch {
  const dictionary: string[] = []
  const batch = allocateRollups(rows.length, dictionary)
  const decode = rollupDecoder(batch)
  for (const [i, row] of rows.entries()) {
    batch.series[i] = addSeries(dictionary, row, rows[i - 1])
    batch.time[i] = row.time
    orSay(granularity, row, () => decode(row.value, i))
  }
  return batch
}

function pointBatch(rows: readonly StoredRow[], granularity: Granularity): PointBatch {
  const dictionary: string[] = []
  const series = Uint32Array.from(rows, (row, i) => addSeries(dictionary, row, rows[i - 1]))
  const values = rows.map((row) => orSay(granularity, row, () => decodeValue(row.value)))
  const isWide = values.some(({ value }) => typeof value === 'bigint' && !Number.isSafeInteger(Number(value)))
  return {
    input: 'cassandra',
    length: rows.length,
    dictionary,
    series,
    time: Float64Array.from(rows, ({ time }) => time),
    value: Float64Array.from(values, ({ value }) => Number(value)),
    kind: Uint8Array.from(values, ({ kind }) => kind),
    ...(isWide && {
      wide: BigInt64Array.from(values, ({ kind, value }) => (kind === Kind.double ? 0n : BigInt(value))),
    }),
  }
}

/** The place in a dictionary of a row's series, which is that of the row before, or a new one. */
function addSeries(dictionary: string[], { locator }: StoredRow, before: StoredRow | undefined): number {
  if (before?.locator !== locator) dictionary.push(seriesOf(locator))
  return dictionary.length - 1
}

/** Does a piece of work on a row; what it throws is said of that row. */
function orSay<T>(granularity: Granularity, { locator, time }: StoredRow, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const where = `${tableOf(granularity)}, ${locator} at ${formatTime(time)}`
    throw new UserError(`damaged row: ${where}: ${errorMessage(cause)}`, { cause })
  }
}
