/**
 * A slow, literal simulator written from the description of the original alone (events, instances as single objects, billing point
 * by billing point): what the fast one is compared with. Times are seconds.
 */
export interface TwinCluster {
  readonly start: number
  readonly end: number
  /** Full states: a market that is not mentioned has nothing. */
  readonly capacity: readonly { readonly time: number; readonly state: Readonly<Record<string, number>> }[]
  readonly allocated: readonly (readonly [time: number, vcpus: number])[]
  readonly prices: Readonly<Record<string, readonly (readonly [time: number, price: number])[]>>
  /** vCPUs of an instance, by market. */
  readonly vcpus: Readonly<Record<string, number>>
  readonly cpusPerWeight: number
  readonly discount: number
  readonly joinDelay: number
  readonly period: number
  readonly refund: boolean
  readonly bids: Readonly<Record<string, number>>
  readonly lookBack: boolean
}

type Delta = readonly [time: number, change: number]

interface Instance {
  readonly market: string
  readonly start: number
  readonly join: number
}

export interface Twin {
  value(name: 'rented' | 'joined' | 'allocated' | 'cost', time: number): number
  /** The seven data keys over `[from, to)`. */
  data(key: string, from: number, to: number): number
}

export function runTwin(cluster: TwinCluster): Twin {
  const deltas = { rented: [] as Delta[], joined: [] as Delta[], allocated: [] as Delta[], cost: [] as Delta[] }
  const living: Instance[] = []
  let isFirst = true
  for (const { time, state } of effective(cluster.capacity, cluster)) {
    for (const market of Object.keys(cluster.vcpus)) {
      const weight = Math.floor(cluster.vcpus[market] / cluster.cpusPerWeight)
      const wanted = Math.floor(Math.trunc(state[market] ?? 0) / weight)
      const own = living.filter((instance) => instance.market === market)
      for (let i = own.length; i < wanted; i++) {
        const join = time + (isFirst ? 0 : cluster.joinDelay)
        living.push({ market, start: time, join })
        deltas.rented.push([time, cluster.vcpus[market]])
        deltas.joined.push([join, cluster.vcpus[market]])
      }
      for (const instance of own.slice(0, Math.max(0, own.length - wanted))) {
        living.splice(living.indexOf(instance), 1)
        remove(instance, time)
      }
    }
    isFirst = false
  }
  for (const instance of living) remove(instance, cluster.end)
  let last = 0
  for (const { time, state } of effective(asStates(cluster.allocated), cluster)) {
    deltas.allocated.push([time, state.value - last])
    last = state.value
  }

  function remove({ market, start, join }: Instance, end: number): void {
    deltas.rented.push([end, -cluster.vcpus[market]])
    deltas.joined.push([Math.max(join, end), -cluster.vcpus[market]])
    const seen = effective(asStates(cluster.prices[market]), cluster)
    const price = (time: number) => (seen.findLast((point) => point.time <= time)?.state.value ?? 0) * cluster.discount
    const points = [start]
    while ((points.at(-1) as number) < end) points.push((points.at(-1) as number) + cluster.period)
    if (points.length === 1) points.push(start + cluster.period)
    const bid = cluster.bids[market]
    const isRefunded = bid !== undefined && cluster.refund && !(bid > price(end))
    if (isRefunded) points.pop()
    let rate = 0
    for (const point of points.slice(0, -1)) {
      deltas.cost.push([point, price(point) - rate])
      rate = price(point)
    }
    deltas.cost.push([points.at(-1) as number, -rate])
  }

  const functions = {
    rented: accumulated(deltas.rented),
    joined: accumulated(deltas.joined),
    allocated: accumulated(deltas.allocated),
    cost: accumulated(deltas.cost),
  }
  const value = (name: keyof typeof deltas, time: number) => functions[name].findLast(([at]) => at <= time)?.[1] ?? 0
  const breakpoints = [...new Set(Object.values(functions).flatMap((f) => f.map(([time]) => time)))].sort(
    (a, b) => a - b,
  )
  return { value, data: (key, from, to) => dataOf(key, { from, to, value, breakpoints }) }
}

function accumulated(deltas: readonly Delta[]): Delta[] {
  let total = 0
  const sorted = [...deltas].sort(([a], [b]) => a - b)
  return sorted.map(([time, change]) => {
    total += change
    return [time, total]
  })
}

const asStates = (points: readonly (readonly [number, number])[]) =>
  points.map(([time, value]) => ({ time, state: { value } }))

/** The points inside the window; with look-back the last one before it as if it stood at its start. */
function effective<T extends { readonly time: number }>(points: readonly T[], cluster: TwinCluster): T[] {
  const inside = points.filter(({ time }) => time >= cluster.start && time < cluster.end)
  const before = points.filter(({ time }) => time < cluster.start)
  const needed = cluster.lookBack && before.length > 0 && inside[0]?.time !== cluster.start
  return needed ? [{ ...(before.at(-1) as T), time: cluster.start }, ...inside] : inside
}

interface Question {
  readonly from: number
  readonly to: number
  readonly value: Twin['value']
  readonly breakpoints: readonly number[]
}

function dataOf(key: string, { from, to, value, breakpoints }: Question): number {
  const rented = (time: number) => value('rented', time)
  const allocated = (time: number) => value('allocated', time)
  const integrate = (f: (time: number) => number) => {
    const points = [from, ...breakpoints.filter((time) => time > from && time < to), to]
    return points.slice(1).reduce((total, next, i) => total + (f(points[i]) * (next - points[i])) / 3600, 0)
  }
  const unusedShare = (time: number) => (rented(time) === 0 ? 0 : (rented(time) - allocated(time)) / rented(time))
  switch (key) {
    case 'cpus':
      return value('joined', from)
    case 'cpus_allocated':
      return allocated(from)
    case 'unused_cpus':
      return rented(from) - allocated(from)
    case 'cost':
      return integrate((time) => value('cost', time))
    case 'unused_cpus_cost':
      return integrate((time) => unusedShare(time) * value('cost', time))
    case 'cost_per_cpu':
      return rented(from) === 0 ? 0 : value('cost', from) / rented(from)
    default:
      return Math.max(allocated(from) - rented(from), 0)
  }
}
