import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ObjectMissing, Transient } from '../bucket/bucket.ts'
import { forEach, turnstile } from '../util/concurrency.ts'
import { nodeFiles } from '../util/files.ts'
import { Corrupt, fetchFile, isPart, partPath } from './fetch.ts'
import { type GateOptions, gate } from './gate.ts'
import { compareForMarker } from './marker.ts'
import type { DownloadOptions } from './options.ts'
import type { Plan } from './plan.ts'
import type { Received } from './received.ts'
import { recorder } from './recorder.ts'
import type { WantedFile } from './selection.ts'
import { checkFreeSpace, checkLimits, freeSpaceOf } from './space.ts'

export interface FailedFile {
  readonly name: string
  readonly reason: string
}

export interface RoundReport {
  readonly fetched: number
  readonly fetchedBytes: number
  readonly failed: readonly FailedFile[]
  /** Files for which there was no room, and none to come: a file that failed or was not listed keeps the reader from removing others. */
  readonly left: number
}

/** Fetches what a plan has left to do. */
export async function fetchPlanned(plan: Plan, options: DownloadOptions, received: Received): Promise<RoundReport> {
  const { directory, limits = {}, readerSpan = 0, freeSpace = freeSpaceOf, batchSize, signal, progress } = options
  checkLimits(plan.wanted, limits, readerSpan)
  await checkFreeSpace(directory, Math.min(sumOfSizes(plan.todo), limits.maxBytes ?? Infinity), freeSpace)
  await removeStaleParts(plan.todo, directory)
  progress.expect({ files: plan.todo.length, bytes: sumOfSizes(plan.todo) })

  const names = plan.wanted.toSorted(compareForMarker).map(({ name }) => name)
  const record = recorder({ files: nodeFiles, directory, received, names, isPartial: plan.isPartial })
  if (plan.adopted.length > 0) await received.append(plan.adopted)
  await record.begin([...plan.whole, ...plan.leftOut].map(({ name }) => name))
  const room = await openGate(plan, { ...options, readerSpan, freeSpace })
  const report = { fetched: 0, fetchedBytes: 0, failed: [] as FailedFile[], left: 0 }

  const turn = turnstile(batchSize)
  const fetchOne = async (file: WantedFile, signal: AbortSignal): Promise<void> => {
    if (!(await room.enter(file, signal))) {
      report.left++
      return
    }
    try {
      const entry = await fetchFile(file, { ...options, signal, turn, onBytes: (bytes) => progress.advance({ bytes }) })
      room.leave(file)
      record.add(entry)
      report.fetched++
      report.fetchedBytes += entry.size
      progress.advance({ files: 1 })
    } catch (error) {
      if (!isPassable(error)) throw error
      room.giveUp(file, plan.wanted[plan.wanted.indexOf(file) - 1])
      report.failed.push({ name: file.name, reason: error.message })
    }
  }

  try {
    // While some files wait for the disk, as many others are on their way.
    await forEach(plan.todo, { limit: 2 * batchSize, signal }, fetchOne)
  } finally {
    await record.flush()
  }
  return report
}

/** Whether a failure concerns one object only, so that the others can come all the same. */
const isPassable = (error: unknown): error is Error =>
  error instanceof ObjectMissing || error instanceof Transient || error instanceof Corrupt

export const sumOfSizes = (files: readonly WantedFile[]): number => files.reduce((sum, { size }) => sum + size, 0)

/** Parts of objects that have changed or are no longer wanted cannot be gone on with. */
async function removeStaleParts(todo: readonly WantedFile[], directory: string): Promise<void> {
  const usable = new Set(todo.map((file) => basename(partPath(directory, file))))
  const stale = (await readdir(directory)).filter((name) => isPart(name) && !usable.has(name))
  await Promise.all(stale.map((name) => rm(join(directory, name), { force: true })))
}

async function openGate(plan: Plan, options: DownloadOptions & Pick<GateOptions, 'readerSpan' | 'freeSpace'>) {
  const room = gate({ ...options, ...options.limits, isMarked: !plan.isPartial, onWait: options.notify })
  const present = new Set(await readdir(options.directory))
  for (const file of plan.whole) if (present.has(file.name)) room.note(file)
  return room
}
