import { Kind } from '../metric/points.ts'
import { hour, second, type Time } from '../time/range.ts'

/** A text as Python's `json` writes it: everything beyond ASCII escaped. */
export const quote = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A number as Python's `repr` writes it: the shortest digits that read back; `1e-05`, `5.0` for a double, `5` for an integer. */
export function formatNumber(value: number, kind: Kind): string {
  if (kind !== Kind.double) return `${value}`
  const size = Math.abs(value)
  if (size >= 1e16 || (size < 1e-4 && size > 0)) return withPaddedExponent(value.toExponential())
  if (Number.isInteger(value)) return Object.is(value, -0) ? '-0.0' : `${value}.0`
  return `${value}`
}

const withPaddedExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

const twoDigits = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'))

/** Writes times as `2017-12-01T08:00:00+00:00`, with milliseconds where there are some; quick for times in the same hour. */
export function timeFormatter(): (time: Time) => string {
  let start = Number.NaN
  let prefix = ''
  return (time) => {
    if (!(time >= start && time < start + hour)) {
      start = Math.floor(time / hour) * hour
      prefix = new Date(start).toISOString().slice(0, -'00:00.000Z'.length)
    }
    const rest = time - start
    const seconds = Math.floor(rest / second)
    const ms = rest - seconds * second
    const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`
    return `${prefix}${twoDigits[Math.floor(seconds / 60)]}:${twoDigits[seconds % 60]}${fraction}+00:00`
  }
}
