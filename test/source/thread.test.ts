import { describe, expect, it } from 'vitest'
import { startThread } from '../../src/source/archive/thread.ts'

const file = { name: 'a', time: 0, chunk: 0, size: 1, etag: '' }

describe('a thread that reads archive files', () => {
  it('fails what it is asked to read, before its death and after', async () => {
    // Only the build has a worker's module: beside the source there is none to be loaded.
    const thread = startThread({ location: '/nowhere', access: {}, isAhead: false, shards: [] })
    await expect(thread.read(file).next()).rejects.toThrow('worker.js')
    await expect(thread.read(file).next()).rejects.toThrow('worker.js')
    await thread.stop()
  })
})
