import type { Range, Time } from '../time/range.ts'
import { numberList } from '../util/number-list.ts'
import { accumulate, type Piecewise, subtract } from './piecewise.ts'

/**
 * Instances of one market in columns: `size[i]` of them run from `launch[i]` to `end[i]` and take work from `join[i]` on. In
 * order of launch and of end.
 */
export interface Cohorts {
  readonly length: number
  readonly launch: Float64Array
  readonly end: Float64Array
  readonly join: Float64Array
  readonly size: Float64Array
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
  return fleet.ended()
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
  ended(): Cohorts
  launch(time: Time, size: number, delay: number): void
  /** Ends the oldest `size` instances. */
  end(time: Time, size: number): void
}

function emptyFleet(): Fleet {
  const living = { launch: numberList(), join: numberList(), size: numberList() }
  const ended = { launch: numberList(), end: numberList(), join: numberList(), size: numberList() }
  let oldest = 0
  /** How many of the oldest cohort have ended. */
  let gone = 0
  return {
    launch(time, size, delay) {
      if (size <= 0) return
      living.launch.push(time)
      living.join.push(time + delay)
      living.size.push(size)
    },
    end(time, size) {
      for (let left = size; left > 0; ) {
        const taken = Math.min(living.size.at(oldest) - gone, left)
        ended.launch.push(living.launch.at(oldest))
        ended.join.push(living.join.at(oldest))
        ended.end.push(time)
        ended.size.push(taken)
        left -= taken
        gone += taken
        if (gone < living.size.at(oldest)) continue
        oldest++
        gone = 0
      }
    },
    ended() {
      const size = ended.size.view()
      return { length: size.length, launch: ended.launch.view(), end: ended.end.view(), join: ended.join.view(), size }
    },
  }
}

/** How many instances of the cohorts have joined. One that ends before it joins never does. */
export function joinedOf({ join, end, size }: Cohorts): Piecewise {
  const leave = end.map((time, i) => Math.max(time, join[i]))
  return subtract(accumulate(join, size), accumulate(leave, size))
}
