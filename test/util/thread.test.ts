import { describe, expect, it } from 'vitest'
import { startThread } from '../../src/util/thread.ts'

describe('a thread that is asked', () => {
  it('fails requests, before its death and after', async () => {
    const thread = startThread<string, string>(new URL('nowhere.js', import.meta.url))
    await expect(thread.ask('one')).rejects.toThrow('nowhere.js')
    await expect(thread.ask('another')).rejects.toThrow('nowhere.js')
    await thread.stop()
  })
})
