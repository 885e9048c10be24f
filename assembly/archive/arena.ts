// What has been learnt lies in an arena that is emptied as a whole: blocks that are made when they are needed.

const blockSize: usize = 4 << 20
const maxBlocks: i32 = 8
const blocks: usize = memory.data(32)
let blockCount: i32 = 0
/** The block that is being filled, what is free of it and where it ends. */
let block: i32 = -1
let free: usize = 0
let blockEnd: usize = 0

export function emptyArena(): void {
  block = -1
  free = 0
  blockEnd = 0
}

/** Room in the arena; 0 where there is none left. */
export function allocate(size: usize): usize {
  // What is compared is read up to 16 bytes beyond its end.
  const needed = ((size + 15) & ~15) + 16
  if (needed > blockSize) return 0
  if (free + needed > blockEnd && !openBlock()) return 0
  const start = free
  free += needed - 16
  return start
}

/** Goes on in the next block. Returns whether there is one. */
function openBlock(): bool {
  if (block + 1 === maxBlocks) return false
  block++
  if (block === blockCount) store<u32>(blocks + (blockCount++ << 2), <u32>heap.alloc(blockSize))
  free = <usize>load<u32>(blocks + (block << 2))
  blockEnd = free + blockSize
  return true
}
