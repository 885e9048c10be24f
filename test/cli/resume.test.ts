import { expect, it } from 'vitest'
import { resumeCommand } from '../../src/cli/resume.ts'

it('the command to go on has absolute times, in whatever form the relative ones were given', () => {
  const range = { start: 0, end: 1500 }
  const times = '--start-time 1970-01-01T00:00:00Z --end-time 1970-01-01T00:00:01.500Z'
  expect(resumeCommand(['download', '--start-time', '-1h', '--to', 'a b', '--end-time=now'], range)).toBe(
    `retrofill download --to 'a b' ${times}`,
  )
  expect(resumeCommand(['x', "it's"], range)).toBe(`retrofill x 'it'\\''s' ${times}`)
})
