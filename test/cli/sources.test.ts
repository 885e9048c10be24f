import { describe, expect, it } from 'vitest'
import { sourceNames } from '../../src/source/registry.ts'
import { runCli } from '../support/cli.ts'

describe('retrofill sources', () => {
  it('lists every source with a sentence', async () => {
    const { code, stdout } = await runCli(['sources'])
    expect(code).toBe(0)
    for (const name of sourceNames) expect(stdout).toMatch(new RegExp(`^${name} +\\S`, 'm'))
  })

  it('describes every option of every source, as JSON too', async () => {
    const { stdout } = await runCli(['sources', '--output=json'])
    const sources = JSON.parse(stdout)
    expect(sources.map(({ name }: { name: string }) => name)).toEqual(sourceNames)
    for (const { options } of sources)
      for (const option of options) expect(option).toMatchObject({ description: expect.stringMatching(/../) })
  })

  it('tells what a service lets one client have', async () => {
    const { stdout } = await runCli(['sources', 'cloudwatch'])
    expect(stdout).toContain('It is asked for at most 50 requests and 396,000 points a second, its own limits.')
  })

  it('names the values that an option takes, its default and its other names', async () => {
    const { stdout } = await runCli(['sources', 'signalfx'])
    expect(stdout).toMatch(/^-o aggregate=… .*\(sum, mean, min, max, count, median, none; default sum\)$/m)
    expect(stdout).toMatch(/^-o filters=… .*\(also filter\)$/m)
  })

  it('refuses a name that is none, and says which may be meant', async () => {
    expect(await runCli(['sources', 'lke'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown source: lke; did you mean lake?'),
    })
  })
})
