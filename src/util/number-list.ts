/** Numbers that are added one by one, or many at once. */
export interface NumberList {
  push(value: number): void
  append(values: Float64Array): void
  at(index: number): number
  /** The numbers so far. */
  view(): Float64Array
}

export function numberList(capacity = 64): NumberList {
  let numbers = new Float64Array(capacity)
  let length = 0
  return {
    push(value) {
      if (length === numbers.length) numbers = enlarged(numbers, length + 1)
      numbers[length++] = value
    },
    append(values) {
      const end = length + values.length
      if (end > numbers.length) numbers = enlarged(numbers, end)
      numbers.set(values, length)
      length = end
    },
    at: (index) => numbers[index],
    view: () => numbers.subarray(0, length),
  }
}

function enlarged(numbers: Float64Array, least: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(least, 2 * numbers.length))
  larger.set(numbers)
  return larger
}
