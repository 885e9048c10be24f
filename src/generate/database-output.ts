import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRows } from '../backfill/difference.ts'
import { pushChange } from '../backfill/push.ts'
import { requireExact } from '../backfill/query/exact.ts'
import type { Destination } from '../backfill/query/options.ts'
import { openStage, type Stage } from '../backfill/query/stage.ts'
import { matchRows, sameRow } from '../metric/rows.ts'
import { rowKind } from '../store/lake/row-kind.ts'
import type { Store } from '../store/store.ts'
import { chunkOf, full } from '../time/granularity.ts'
import { always, hull, type Range, type Time } from '../time/range.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { nodeFiles } from '../util/files.ts'
import type { Output } from './output.ts'
import { fillStage, metricsOf } from './staged.ts'

/** A store that others write to as well, such as a database. */
export type Database = Extract<Destination, { kind: 'store' }>

export interface DatabaseOutputOptions {
  readonly signal?: AbortSignal
  /** Lets the store round what it cannot hold exactly. */
  readonly allowLossy?: boolean
  /** Told of hours as they are pushed: how many of them all, and the points of the last. */
  onPush?(hours: { done: number; total: number; points: number }): void
}

/**
 * A database as the place for generated metrics. All points are made before the first is pushed; then the series are made equal hour
 * by hour and read back, so that the same command mends what a failure has left. Only what would be lost needs consent.
 */
export function databaseOutput(
  { store, prepare }: Database,
  { signal = new AbortController().signal, allowLossy = false, onPush }: DatabaseOutputOptions = {},
): Output {
  return {
    async write({ metrics, series, batches }, consent) {
      const folder = await mkdtemp(join(tmpdir(), 'retrofill-'))
      try {
        await using stage = await openStage(join(folder, 'points'))
        const points = await fillStage(stage, batches)
        const hours = stage.windows
        for (const hour of hours) requireExact(store, (await stage.read(hour)).points, { allowLossy })
        await prepare?.(hours.length > 0 ? hull(hours) : undefined, signal)
        const push: Push = { store, names: series, stage, signal, onPush }
        const held = await heldHours(push)
        await consent(metricsOf(await lostSeries(push, held)))
        return { metrics: metrics.length, points, bytes: await pushAll(push, held) }
      } finally {
        await nodeFiles.remove(folder)
      }
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

interface Push extends Pick<DatabaseOutputOptions, 'onPush'> {
  readonly store: Store
  readonly names: readonly string[]
  readonly stage: Stage
  readonly signal: AbortSignal
}

/** The hours in which the store holds points of the series. */
async function heldHours({ store, names, signal }: Push): Promise<Range[]> {
  const hours = new Map<Time, Range>()
  for await (const { length, time } of store.read({ granularity: full, names }, always, { signal })) {
    for (let i = 0; i < length; i++) {
      const hour = chunkOf(full, time[i])
      hours.set(hour.start, hour)
    }
  }
  return [...hours.values()]
}

/** What becomes of an hour of the store, and which rows of it nothing like them replaces. */
async function changeOf({ store, names, stage, signal }: Push, { hour, isHeld }: { hour: Range; isHeld: boolean }) {
  const { select, arrange } = rowKind(full)
  const { points } = await stage.read(hour)
  const rows = store.normalise?.(points, full) ?? points
  const held = isHeld ? await readRows(store, { granularity: full, names }, { range: hour, signal }) : arrange([])
  const places = matchRows(held, rows)
  const lost = select(held, (_text, _time, row) => places[row] < 0 || !sameRow(held, row, [rows, places[row]]))
  return { granularity: full, range: hour, rows, gone: select(held, (_text, _time, row) => places[row] < 0), lost }
}

/** The series that would lose points. */
async function lostSeries(push: Push, held: readonly Range[]): Promise<Set<string>> {
  const series = new Set<string>()
  for (const hour of held) {
    const { lost } = await changeOf(push, { hour, isHeld: true })
    for (const text of lost.dictionary) series.add(text)
  }
  return series
}

/** Makes the series equal to what is staged, in every hour that has points or had some. Resolves to the bytes written. */
async function pushAll(push: Push, held: readonly Range[]): Promise<number> {
  const isHeld = new Set(held.map(({ start }) => start))
  const hours = new Map([...held, ...push.stage.windows].map((hour) => [hour.start, hour]))
  let [total, done] = [0, 0]
  for (const hour of hours.values()) {
    push.signal.throwIfAborted()
    const change = await changeOf(push, { hour, isHeld: isHeld.has(hour.start) })
    const { bytes, difference } = await pushChange({ store: push.store, verify: 'full' }, change, push)
    if (difference !== undefined)
      throw new UserError(`not what was written: ${difference}`, {
        exitCode: ExitCode.mismatch,
        hint: 'the same command writes it again',
      })
    total += bytes
    push.onPush?.({ done: ++done, total: hours.size, points: change.rows.length })
  }
  return total
}
