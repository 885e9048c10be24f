const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const smallMoney = new Intl.NumberFormat('en-US', {
  style: 'currency',
  currency: 'USD',
  minimumFractionDigits: 2,
  maximumSignificantDigits: 3,
})
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** `12 vCPUs`, with a decimal below 100. */
export const vcpus = (value: number): string => `${(Math.abs(value) < 100 ? tenths : integer).format(value)} vCPUs`

/** `$1,234.56`; three significant digits below a dollar. */
export const dollars = (value: number): string =>
  value !== 0 && Math.abs(value) < 1 ? smallMoney.format(value) : cents.format(value)

/** A short number for an axis: `0.002`, `40`, `1.5K`. */
export const tick = (value: number): string => compact.format(value)
