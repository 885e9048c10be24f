import type { Range, Time } from '../time/range.ts'
import { accumulate, type Piecewise, subtract } from './piecewise.ts'

/**
 * Instances of one market in columns: `size[i]` of them run from `launch[i]` to `end[i]` and take work from `join[i]` on. In
 * order of launch and of end.
 */
export interface Cohorts {
  readonly length: number
  readonly launch: readonly Time[]
  readonly end: readonly Time[]
  readonly join: readonly Time[]
  readonly size: readonly number[]
}

/** Ms from launch to join of the next instance; equal for all where it is a number. */
export type JoinDelay = number | (() => number)

export interface FleetOptions {
  readonly range: Range
  /** Instances launched up to this instant join at once: they are the cluster as it is found. */
  readonly settled: Time
  readonly delay: JoinDelay
}

/**
 * The instances behind a number of instances that changes: growth launches new ones, shrinking ends the oldest. Those that live
 * at the range's end end there.
 */
export function cohortsOf(count: Piecewise, { range, settled, delay }: FleetOptions): Cohorts {
  const fleet = emptyFleet()
  fleet.launch(range.start, count.initial, 0)
  let size = count.initial
  for (let i = 0; i < count.xs.length; i++) {
    const time = count.xs[i]
    const change = count.ys[i] - size
    if (change > 0) launchAll(fleet, { time, size: change, delay: time <= settled ? 0 : delay })
    else fleet.end(time, -change)
    size = count.ys[i]
  }
  fleet.end(range.end, size)
  return fleet.ended
}

interface Launch {
  readonly time: Time
  readonly size: number
  readonly delay: JoinDelay
}

function launchAll(fleet: Fleet, { time, size, delay }: Launch): void {
  if (typeof delay === 'number') fleet.launch(time, size, delay)
  else for (let i = 0; i < size; i++) fleet.launch(time, 1, delay())
}

interface Fleet {
  readonly ended: Cohorts
  launch(time: Time, size: number, delay: number): void
  /** Ends the oldest `size` instances. */
  end(time: Time, size: number): void
}

function emptyFleet(): Fleet {
  const living: { launch: Time; join: Time; size: number }[] = []
  let oldest = 0
  const ended = { length: 0, launch: [] as Time[], end: [] as Time[], join: [] as Time[], size: [] as number[] }
  return {
    ended,
    launch(time, size, delay) {
      if (size > 0) living.push({ launch: time, join: time + delay, size })
    },
    end(time, size) {
      for (let left = size; left > 0; ) {
        const cohort = living[oldest]
        const taken = Math.min(cohort.size, left)
        ended.launch.push(cohort.launch)
        ended.join.push(cohort.join)
        ended.end.push(time)
        ended.size.push(taken)
        ended.length++
        left -= taken
        cohort.size -= taken
        if (cohort.size === 0) oldest++
      }
    },
  }
}

/** How many instances of the cohorts have joined. One that ends before it joins never does. */
export function joinedOf({ join, end, size }: Cohorts): Piecewise {
  const leave = end.map((time, i) => Math.max(time, join[i]))
  return subtract(accumulate(join, size), accumulate(leave, size))
}
