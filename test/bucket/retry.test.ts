import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ObjectChanged, Transient } from '../../src/bucket/bucket.ts'
import { retrying } from '../../src/bucket/retry.ts'
import { fakeClock } from '../fakes/clock.ts'
import { type Step, scriptedBucket } from '../fakes/pages.ts'

const content = Buffer.from('0123456789')
const broken = new Transient('connection', 'reset')

function retried(script: readonly Step[], retries = 3) {
  const clock = fakeClock()
  const scripted = scriptedBucket(content, script)
  return { bucket: retrying(scripted, { retries, base: 1000, cap: 3000, clock }), scripted, clock }
}

describe('retrying', () => {
  it('makes a failed request again, with pauses that double up to a cap', async () => {
    const { bucket, clock } = retried([{ refuse: broken }, { refuse: broken }, { refuse: broken }, {}])
    expect((await bucket.page({})).objects).toHaveLength(1)
    expect(clock.slept).toEqual([500, 1000, 1500])
  })

  it('gives up after so many retries, with the last error', async () => {
    const { bucket, scripted } = retried([{ refuse: broken }])
    await expect(bucket.page({})).rejects.toBe(broken)
    expect(scripted.asked).toHaveLength(4)
  })

  it('waits at least as long as the server asks', async () => {
    const busy = new Transient('throttled', 'busy', { retryAfter: 7000 })
    const { bucket, clock } = retried([{ refuse: busy }, {}])
    await bucket.page({})
    expect(clock.slept).toEqual([7000])
  })

  it('does not try again what cannot pass', async () => {
    const changed = new ObjectChanged('changed')
    const { bucket, scripted } = retried([{ refuse: changed }])
    await expect(bucket.get('object')).rejects.toBe(changed)
    expect(scripted.asked).toHaveLength(1)
  })

  it('goes on with a broken body at the byte where it broke, while the object is the same', async () => {
    const { bucket, scripted } = retried([{ give: 4, fail: broken }, { give: 3 }, {}])
    const { bytes } = await bucket.get('object', { offset: 1 })
    expect((await buffer(bytes)).toString()).toBe('123456789')
    expect(scripted.asked.map(({ offset, ifMatch }) => [offset, ifMatch])).toEqual([
      [1, undefined],
      [5, 'etag'],
      [8, 'etag'],
    ])
  })

  it('counts every byte as progress, and gives up a body that brings nothing new', async () => {
    const drips = Array.from({ length: 9 }, (): Step => ({ give: 1, fail: broken }))
    expect((await buffer((await retried(drips, 1).bucket.get('object')).bytes)).toString()).toBe('0123456789')
    const dry = retried([
      { give: 2, fail: broken },
      { give: 0, fail: broken },
    ])
    await expect(buffer((await dry.bucket.get('object')).bytes)).rejects.toBe(broken)
    expect(dry.scripted.asked).toHaveLength(4)
  })

  it('needs no request for a body that broke after its last byte', async () => {
    const { bucket, scripted } = retried([{ fail: broken }])
    expect((await buffer((await bucket.get('object')).bytes)).toString()).toBe('0123456789')
    expect(scripted.asked).toHaveLength(1)
  })
})
