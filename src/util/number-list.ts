/** Numbers that are added one by one. */
export interface NumberList {
  push(value: number): void
  at(index: number): number
  /** The numbers so far. */
  view(): Float64Array
}

export function numberList(capacity = 64): NumberList {
  let numbers = new Float64Array(capacity)
  let length = 0
  return {
    push(value) {
      if (length === numbers.length) numbers = enlarged(numbers)
      numbers[length++] = value
    },
    at: (index) => numbers[index],
    view: () => numbers.subarray(0, length),
  }
}

function enlarged(numbers: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * numbers.length + 1)
  larger.set(numbers)
  return larger
}
