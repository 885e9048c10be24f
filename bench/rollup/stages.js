/**
 * The stages of a run over files of one hour, and the call that each ends with. A stage whose end is not found counts into the next.
 *
 * @type {readonly [stage: string, call: string, path: RegExp][]}
 */
const ends = [
  ['start: Node, modules, lock, ledger and catalogue', 'readFile', /rejects\.ndjson$/],
  ['reading: unpacking and scanning in the worker, merging, closing slots', 'open', /catalogue\.ndjson$/],
  ['closing the last slots, ordering series', 'readdir', /date=[\d-]+$/],
  ['taking rows out, encoding, writing, fsync, rename', 'open', /\/\d\d\.\w+\.parquet$/],
  ['reading back: decoding, comparing with the checksum of what was to be written', 'open', /ledger\.ndjson$/],
  ['ledger, report, exit', 'exit', /$/],
]

/** Milliseconds of each stage, by what a run over {@link ends} has said. @param {string} stderr @returns {Map<string, number>} */
export function stagesOf(stderr) {
  /** @type {[time: number, call: string, path: string][]} */
  const touched = JSON.parse(/^touched (.*)$/m.exec(stderr)?.[1] ?? '[]')
  const stages = new Map()
  let [at, since] = [0, 0]
  for (const [stage, call, path] of ends) {
    const end = touched.findIndex((one, i) => i >= at && one[1] === call && path.test(one[2]))
    if (end < 0) continue
    stages.set(stage, touched[end][0] - since)
    at = end + 1
    since = touched[end][0]
  }
  return stages
}
