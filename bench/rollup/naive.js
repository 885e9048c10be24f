// What anybody would write first: JSON.parse of every line, a Map of series and slots, statistics in memory.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const [directory] = process.argv.slice(2)
/** @type {Record<number, 'valueDbl' | 'valueI64' | 'valueI32'>} */
const fields = { 110: 'valueDbl', 108: 'valueI64', 76: 'valueI64', 105: 'valueI32', 73: 'valueI32' }
/** @type {Map<string, { count: number, sum: number, mean: number, squares: number, min: number, max: number }>} */
const rollups = new Map()
let points = 0
for (const name of readdirSync(directory).sort()) {
  const text = gunzipSync(readFileSync(join(directory, name))).toString('utf8')
  for (const line of text.split('\n')) {
    if (line === '') continue
    const check = JSON.parse(line)
    const slot = Math.floor(check.timestamp / 300_000) * 300_000
    const zone = check.checkType.includes('remote') ? `.${check.monitoringZoneId ?? 'suspected-agent'}` : ''
    const base = `${check.tenantId}.rackspace.monitoring.entities.${check.entityId}.checks.${check.checkType}.${check.checkId}${zone}.`
    for (const [metric, object] of Object.entries(check.metrics)) {
      const field = fields[object.metricType]
      if (!field) continue
      points++
      const value = Number(object[field])
      const key = `${base}${metric} ${slot}`
      const rollup = rollups.get(key) ?? { count: 0, sum: 0, mean: 0, squares: 0, min: value, max: value }
      if (rollup.count === 0) rollups.set(key, rollup)
      const distance = value - rollup.mean
      rollup.count++
      rollup.sum += value
      rollup.mean += distance / rollup.count
      rollup.squares += distance * (value - rollup.mean)
      rollup.min = Math.min(rollup.min, value)
      rollup.max = Math.max(rollup.max, value)
    }
  }
}
console.log(`${points} points, ${rollups.size} rollups`)
