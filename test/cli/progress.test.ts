import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/cli/context.ts'
import { showProgress } from '../../src/cli/progress.ts'
import { showShare } from '../../src/cli/share-progress.ts'

/** A context whose clock is set by hand, and what was written to its stderr. */
function watched({ isTTY = false, env = {} }: { isTTY?: boolean; env?: Record<string, string> } = {}) {
  const written: string[] = []
  const clock = { seconds: 0 }
  const stderr = { isTTY, write: (text: string) => written.push(text) }
  const context = { process: { stderr, env }, now: () => clock.seconds * 1_000 } as unknown as Context
  return { context, written, clock }
}

describe('progress', () => {
  it('is a line every five seconds where nobody watches: the share, the count, the rate and the time left', () => {
    const { context, written, clock } = watched()
    const progress = showShare(context, { quiet: false, of: 'rows' })
    for (clock.seconds = 1; clock.seconds <= 12; clock.seconds++) {
      progress.count(1_000)
      progress.share(clock.seconds, 20)
    }
    progress.end()
    expect(written).toEqual(['20%  5,000 rows  1,000 rows/s  ETA 20 s\n', '45%  10,000 rows  1,000 rows/s  ETA 12 s\n'])
  })

  it('is one line that is written over, with a bar, where a person watches, and is gone at the end', () => {
    const { context, written, clock } = watched({ isTTY: true })
    const progress = showProgress(context, { quiet: false })
    progress.expect({ bytes: 100, files: 4 })
    clock.seconds = 2
    progress.advance({ bytes: 50, files: 2, points: 600 })
    progress.end()
    expect(written).toEqual([
      expect.stringContaining(`[${'#'.repeat(12)}${'.'.repeat(12)}] 50%  2/4 files  300 points/s  25 B/s  `),
      '\r\u001b[K',
    ])
  })

  it.each([
    ['--quiet was given', { quiet: true, env: {} }],
    ['too little time has gone by', { quiet: false, env: {}, seconds: 4 }],
  ])('is nothing where %s', (_, { quiet, env, seconds = 100 }: { quiet: boolean; env: object; seconds?: number }) => {
    const { context, written, clock } = watched({ env: { ...env } })
    const progress = showShare(context, { quiet })
    clock.seconds = seconds
    progress.count(1)
    expect(written).toEqual([])
  })

  it('is lines, not a bar, on the terminal of a CI server', () => {
    const { context, written, clock } = watched({ isTTY: true, env: { CI: 'true' } })
    const progress = showShare(context, { quiet: false })
    clock.seconds = 10
    progress.count(20)
    expect(written).toEqual([expect.stringMatching(/^0% {2}20 points {2}2 points\/s.*\n$/)])
  })
})
