const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** `12 vCPUs`, with a decimal below 100. */
export const vcpus = (value: number): string => `${(Math.abs(value) < 100 ? tenths : integer).format(value)} vCPUs`

/** `$1,234.56`; below a dollar three significant digits, such as `$0.00811`. */
export function dollars(value: number): string {
  const size = Math.abs(value)
  const digits = size === 0 || size >= 1 ? 2 : Math.min(2 - Math.floor(Math.log10(size)), 20)
  return moneyFormat(digits).format(value)
}

const moneyFormat = (digits: number) =>
  new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  })

/** A short number for an axis: `0.002`, `40`, `1.5K`. */
export const tick = (value: number): string => compact.format(value)
