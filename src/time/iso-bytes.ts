import { parseIso } from './iso.ts'
import { minute, type Time } from './range.ts'

const dateLength = '2017-08-03'.length
const [zero, plus, minus, dot, colon, upperT, upperZ] = Buffer.from('0+-.:TZ')

/**
 * Reads times as programs write them, `2017-08-03T18:08:44.250+00:00` with or without a fraction and a zone, from ASCII bytes; a time
 * without a zone is in UTC. NaN for every other text, which `parseIso` may understand. Quick for times of the same day in a row.
 */
export function isoByteReader(): (bytes: Uint8Array, start: number, end: number) => Time {
  let date = Number.NaN
  let midnight = Number.NaN
  return (bytes, start, end) => {
    if (end - start < dateLength + 9) return Number.NaN
    const number = dateNumber(bytes, start)
    if (number !== date) {
      date = number
      midnight =
        parseIso(Buffer.from(bytes.subarray(start, start + dateLength)).toString('latin1'))?.wallClock ?? Number.NaN
    }
    return midnight + timeOfDay(bytes, start + dateLength) + rest(bytes, start + dateLength + 9, end)
  }
}

/** 20170803, or NaN. */
function dateNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== minus || bytes[at + 7] !== minus) return Number.NaN
  return ((two(bytes, at) * 100 + two(bytes, at + 2)) * 100 + two(bytes, at + 5)) * 100 + two(bytes, at + 8)
}

/** Ms of `T18:08:44`, or NaN. */
function timeOfDay(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== upperT || bytes[at + 3] !== colon || bytes[at + 6] !== colon) return Number.NaN
  const hours = two(bytes, at + 1)
  const minutes = two(bytes, at + 4)
  const seconds = two(bytes, at + 7)
  return hours < 24 && minutes < 60 && seconds < 60 ? ((hours * 60 + minutes) * 60 + seconds) * 1_000 : Number.NaN
}

/** Ms that a fraction of three digits adds and a zone takes away, or NaN. */
function rest(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0
  if (bytes[at] !== dot) return -offset(bytes, at, end)
  if (at + 4 > end) return Number.NaN
  const ms = two(bytes, at + 1) * 10 + digit(bytes[at + 3])
  return at + 4 === end ? ms : ms - offset(bytes, at + 4, end)
}

/** Ms that `Z`, `+00:00` or `+0000` is ahead of UTC, or NaN. */
function offset(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  if (bytes[at] === upperZ) return length === 1 ? 0 : Number.NaN
  const hasColon = length === 6 && bytes[at + 3] === colon
  if ((!hasColon && length !== 5) || (bytes[at] !== plus && bytes[at] !== minus)) return Number.NaN
  const minutes = two(bytes, at + 1) * 60 + two(bytes, hasColon ? at + 4 : at + 3)
  return (bytes[at] === minus ? -minutes : minutes) * minute
}

const two = (bytes: Uint8Array, at: number): number => digit(bytes[at]) * 10 + digit(bytes[at + 1])

const digit = (byte: number): number => (byte >= zero && byte <= zero + 9 ? byte - zero : Number.NaN)
