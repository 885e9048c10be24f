import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { runCli } from '../support/cli.ts'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))

/** A misspelling that Clusterman documents: taken, but not told. */
const hidden = new Set(['ouput', 'src-metric-names', 'dest-metric-names', 'filter'])

describe.concurrent('retrofill', () => {
  it.each([['--version'], ['-v']])('%s prints the version of the package', async (flag) => {
    expect(await runCli([flag])).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('without a command, or with --help, lists the commands', async () => {
    const [bare, help] = await Promise.all([runCli([]), runCli(['--help'])])
    expect(bare).toEqual(help)
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const name of Object.keys(commands)) expect(help.stdout).toMatch(new RegExp(`^ {2}${name} {2,}\\S`, 'm'))
  })

  it.each(Object.entries(commands))('%s --help names every flag', async (name, { load }) => {
    const { flags } = await load()
    const { code, stdout, stderr } = await runCli([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`retrofill ${name} `)
    for (const flag of flags.keys()) if (!hidden.has(flag)) expect(stdout).toContain(`--${flag}`)
  })

  it('ends with 2 and a suggestion where a command is unknown', async () => {
    const { code, stdout, stderr } = await runCli(['rolup', '--from', 'x'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe('error: no command registered for `rolup`, did you mean `rollup`?\n')
  })

  it('ends with 2 where something that is required is missing', async () => {
    expect(await runCli(['rollup'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--from') })
    expect(await runCli(['status'])).toMatchObject({ code: 2, stderr: expect.stringContaining('lake') })
  })
})
