/** Room on the heap that grows as it is needed. What is new in it is not cleared. */
@unmanaged
export class Room {
  start: usize = 0
  size: usize = 0

  /** Makes it at least so many bytes large. */
  reserve(size: usize): void {
    if (size <= this.size) return
    const larger = max(size, this.size << 1)
    this.start = this.start === 0 ? heap.alloc(larger) : heap.realloc(this.start, larger)
    this.size = larger
  }

  release(): void {
    if (this.start !== 0) heap.free(this.start)
    this.start = 0
    this.size = 0
  }
}

/** Gives it back with all that is in it. */
export function discard(room: Room): void {
  room.release()
  heap.free(changetype<usize>(room))
}

/** Element `i` of a column of u32. */
export function u32At(column: usize, i: u32): u32 {
  return load<u32>(at(column, i))
}

export function setU32(column: usize, i: u32, value: u32): void {
  store<u32>(at(column, i), value)
}

function at(column: usize, i: u32): usize {
  return column + ((<usize>i) << 2)
}
