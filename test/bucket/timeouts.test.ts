import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fromPages, type PagedBucket } from '../../src/bucket/pages.ts'
import { timed } from '../../src/bucket/timeouts.ts'

/** A bucket whose every step takes its time, and which heeds its signal. */
const slow = (beforeAnswer: number, beforeChunk: number): PagedBucket => ({
  url: 'slow',
  async page({ signal }) {
    await sleep(beforeAnswer, undefined, { signal })
    return { objects: [], more: false }
  },
  async get(_name, { signal } = {}) {
    await sleep(beforeAnswer, undefined, { signal })
    const chunks = async function* () {
      for (let i = 0; i < 5; i++) {
        await sleep(beforeChunk, undefined, { signal })
        yield Buffer.from('x')
      }
    }
    return { bytes: chunks(), size: 5, etag: '' }
  },
})

const timeouts = { idle: 100, attempt: 1000 }
const stalled = { name: 'Transient', reason: 'timeout', message: expect.stringContaining('0.1 s') }

describe('time-outs', () => {
  it('let pass what moves', async () => {
    const bucket = timed(slow(20, 20), timeouts)
    await bucket.page({})
    expect((await buffer((await bucket.get('x')).bytes)).toString()).toBe('xxxxx')
  })

  it('end a request without an answer, and a body that stalls', async () => {
    await expect(timed(slow(5000, 0), timeouts).page({})).rejects.toMatchObject(stalled)
    await expect(timed(slow(5000, 0), timeouts).get('x')).rejects.toMatchObject(stalled)
    const { bytes } = await timed(slow(0, 5000), timeouts).get('x')
    await expect(buffer(bytes)).rejects.toMatchObject(stalled)
  })

  it('end a body that moves but never ends', async () => {
    const { bytes } = await timed(slow(0, 250), { idle: 2000, attempt: 600 }).get('x')
    await expect(buffer(bytes)).rejects.toMatchObject({ reason: 'timeout', message: expect.stringContaining('0.6 s') })
  })

  it('do not count the time that the reader takes', async () => {
    const { bytes } = await timed(slow(0, 10), timeouts).get('x')
    let chunks = 0
    for await (const _ of bytes) {
      chunks++
      await sleep(150)
    }
    expect(chunks).toBe(5)
  })

  it('keep nobody waiting once a body is left, before its first byte too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { stream } = await fromPages(timed(slow(0, 0))).get('x')
    await stream.cancel()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leave an interruption what it is', async () => {
    const reason = new Error('interrupted')
    const signal = AbortSignal.abort(reason)
    await expect(timed(slow(50, 0), timeouts).page({ signal })).rejects.toBe(reason)
  })
})
