import { parseIso } from './iso.ts'
import { minute, second, type Time } from './range.ts'

const dateLength = '2017-08-03'.length
const [zero, plus, minus, dot, colon, upperT, upperZ] = Buffer.from('0+-.:TZ')

/**
 * Reads times as programs write them, `2017-08-03T18:08:44.250+00:00` with or without a fraction and a zone, from ASCII bytes; a time
 * without a zone is in UTC. NaN for every other text, which `parseIso` may understand. Quick for times of the same day in a row.
 */
export function isoByteReader(): (bytes: Uint8Array, start: number, end: number) => Time {
  let date = wrong
  let midnight = Number.NaN
  return (bytes, start, end) => {
    if (end - start < dateLength + 9) return Number.NaN
    const number = dateNumber(bytes, start)
    const seconds = secondsOfDay(bytes, start + dateLength)
    if (number === wrong || seconds === wrong) return Number.NaN
    if (number !== date) {
      date = number
      midnight =
        parseIso(Buffer.from(bytes.subarray(start, start + dateLength)).toString('latin1'))?.wallClock ?? Number.NaN
    }
    return midnight + seconds * second + rest(bytes, start + dateLength + 9, end)
  }
}

/** Stands for a number that is not there; so does every other negative one, and the bits of one negative number make their `or` negative. */
const wrong = -1

/** 20170803, or {@link wrong}. */
function dateNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== minus || bytes[at + 7] !== minus) return wrong
  const [century, year, month, day] = [two(bytes, at), two(bytes, at + 2), two(bytes, at + 5), two(bytes, at + 8)]
  return (century | year | month | day) < 0 ? wrong : ((century * 100 + year) * 100 + month) * 100 + day
}

/** Seconds of `T18:08:44`, or {@link wrong}. */
function secondsOfDay(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== upperT || bytes[at + 3] !== colon || bytes[at + 6] !== colon) return wrong
  const [hours, minutes, seconds] = [two(bytes, at + 1), two(bytes, at + 4), two(bytes, at + 7)]
  if ((hours | minutes | seconds) < 0 || hours > 23 || minutes > 59 || seconds > 59) return wrong
  return (hours * 60 + minutes) * 60 + seconds
}

/** Ms that a fraction of three digits adds and a zone takes away, or NaN. */
function rest(bytes: Uint8Array, at: number, end: number): number {
  if (at === end) return 0
  if (bytes[at] !== dot) return -offset(bytes, at, end)
  if (at + 4 > end) return Number.NaN
  const [tens, ones] = [two(bytes, at + 1), two(bytes, at + 2)]
  if ((tens | ones) < 0) return Number.NaN
  const ms = tens * 10 + (ones % 10)
  return at + 4 === end ? ms : ms - offset(bytes, at + 4, end)
}

/** Ms that `Z`, `+00:00` or `+0000` is ahead of UTC, or NaN. */
function offset(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  if (bytes[at] === upperZ) return length === 1 ? 0 : Number.NaN
  const hasColon = length === 6 && bytes[at + 3] === colon
  if ((!hasColon && length !== 5) || (bytes[at] !== plus && bytes[at] !== minus)) return Number.NaN
  const [hours, minutes] = [two(bytes, at + 1), two(bytes, hasColon ? at + 4 : at + 3)]
  if ((hours | minutes) < 0) return Number.NaN
  return (bytes[at] === minus ? -minute : minute) * (hours * 60 + minutes)
}

/** The number of two digits, or {@link wrong}. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - zero
  const ones = bytes[at + 1] - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : wrong
}
