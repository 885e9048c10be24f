import { floorTo, type Time } from '../time/range.ts'
import { type NumberList, numberList } from '../util/number-list.ts'
import type { Cohorts } from './fleet.ts'
import { accumulate, multiply, ofBreakpoints, type Piecewise, subtract, sum, valueAt } from './piecewise.ts'

/** How instances are charged. */
export interface Billing {
  /** Ms between two billing points; the price is read anew at each, and a period once begun is charged in full. */
  readonly period: number
  /** Whether the last period of an instance that ends outbid is free. */
  readonly refund: boolean
  /** The bid of the market's instances in $/h; without one they are not spot instances and never refunded. */
  readonly bid?: number
}

/**
 * What the instances of one market cost, in $/h: each at launch + k · period takes the newest price at or before that instant,
 * and pays until the first billing point at or after its end. One that ends with its bid not above the price pays until the last
 * billing point before its end (specs of Clusterman's simulator, without its negative refund).
 */
export function costOf(cohorts: Cohorts, price: Piecewise, billing: Billing): Piecewise {
  const phases = groupByPhase(cohorts, price, billing)
  return sum(Array.from(phases, ([phase, group]) => rateOf(countOf(group), price, { period: billing.period, phase })))
}

/**
 * What {@link costOf} is for a number of instances that begins at 0, without a look at single ones, where every change of it is a
 * billing point of all and none is refunded: each pays exactly while it is counted. Undefined for other numbers.
 */
export function costOfCount(count: Piecewise, price: Piecewise, billing: Billing): Piecewise | undefined {
  const { period } = billing
  const isRefundable = billing.refund && billing.bid !== undefined
  if (isRefundable || !isOnGrid(count.xs, period)) return undefined
  return rateOf(count, price, { period, phase: count.xs.length > 0 ? count.xs[0] % period : 0 })
}

/** Whether all instants lie whole periods after the first. */
function isOnGrid(xs: Float64Array, period: number): boolean {
  for (let i = 1; i < xs.length; i++) if (floorTo(xs[i] - xs[0], period) !== xs[i] - xs[0]) return false
  return true
}

/** Instances whose billing points coincide: `size[i]` of them are charged from `from[i]` until `until[i]`. */
interface PhaseGroup {
  readonly from: NumberList
  readonly until: NumberList
  readonly size: NumberList
}

/** Instances of equal launch modulo the period share all billing points, so that they can be charged together. */
function groupByPhase(cohorts: Cohorts, price: Piecewise, billing: Billing): Map<number, PhaseGroup> {
  const phases = new Map<number, PhaseGroup>()
  for (let i = 0; i < cohorts.length; i++) {
    const launch = cohorts.launch[i]
    const phase = launch % billing.period
    const group = phases.get(phase) ?? { from: numberList(), until: numberList(), size: numberList() }
    phases.set(phase, group)
    group.from.push(launch)
    group.until.push(chargedUntil({ launch, end: cohorts.end[i] }, price, billing))
    group.size.push(cohorts.size[i])
  }
  return phases
}

const countOf = ({ from, until, size }: PhaseGroup): Piecewise =>
  subtract(accumulate(from.view(), size.view()), accumulate(until.view(), size.view()))

function chargedUntil({ launch, end }: { launch: Time; end: Time }, price: Piecewise, billing: Billing): Time {
  const periods = Math.max(1, Math.ceil((end - launch) / billing.period))
  const refunded = billing.refund && billing.bid !== undefined && billing.bid <= valueAt(price, end)
  return launch + (refunded ? periods - 1 : periods) * billing.period
}

/** Billing points: whole periods from `phase` on. */
interface BillingGrid {
  readonly period: number
  readonly phase: number
}

/** `count` times the price at the last billing point. All breakpoints of `count` are billing points. */
const rateOf = (count: Piecewise, price: Piecewise, grid: BillingGrid): Piecewise =>
  multiply(count, ofBreakpoints(price.initial, billingPoints(price.xs, grid), price.ys))

/** The first billing point at or after each instant. */
function billingPoints(xs: Float64Array, { period, phase }: BillingGrid): Float64Array {
  const points = new Float64Array(xs.length)
  for (let i = 0; i < xs.length; i++) points[i] = Math.ceil((xs[i] - phase) / period) * period + phase
  return points
}
