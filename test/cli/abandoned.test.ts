import { readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { nodeFiles } from '../../src/util/files.ts'
import { temporaryBeside } from '../../src/util/temporary.ts'
import { runCli, startCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const metric = (name: string, end: string) => `${name}:
  start_time: 2017-12-01T08:00:00Z
  end_time: ${end}
  frequency: 100ms
  values: {distribution: gauss, params: {mu: 0, sigma: 1}}
`

let directory: string
const args = (design: string) => ['generate-data', '-i', design, '-q', '--seed', '1', '--yes']
const files = () => readdirSync(directory).sort()
const whole = ['metrics.json.gz', 'other.yaml', 'short.yaml', 'long.yaml'].sort()

beforeEach(() => {
  directory = temporaryFolder()
  writeFileSync(join(directory, 'other.yaml'), metric('other', '2017-12-01T08:00:01Z'))
  writeFileSync(join(directory, 'short.yaml'), metric('runs', '2017-12-01T08:00:01Z'))
  writeFileSync(join(directory, 'long.yaml'), metric('runs', '2017-12-02T08:00:00Z'))
})

/** Starts a run that has much to write, and waits until a file of this kind lies beside the output. */
async function startUntil(kind: RegExp, output = 'metrics.json.gz') {
  const { child, result } = startCli([...args('long.yaml'), '-o', output], { cwd: directory })
  while (!files().some((name) => kind.test(name)) && child.exitCode === null) await sleep(2)
  return { child, result }
}

describe('files beside a metrics file', () => {
  it.each([
    ['a file that comes anew', false, /\d-[0-9a-z]+\.tmp$/],
    ['a part that others are merged with', true, /\d-[0-9a-z]+\.new$/],
    ['the file that both are merged into', true, /\d-[0-9a-z]+\.tmp$/],
  ])('are removed by the next run once who wrote them is dead: %s', async (_, isMerged, kind) => {
    if (isMerged) expect((await runCli(args('other.yaml'), { cwd: directory })).code).toBe(0)
    const { child, result } = await startUntil(kind)
    child.kill('SIGKILL')
    expect((await result).signal).toBe('SIGKILL')
    expect(files().filter((name) => /\.(tmp|new)$/.test(name))).not.toEqual([])
    expect((await runCli(args('short.yaml'), { cwd: directory })).code).toBe(0)
    expect(files()).toEqual(whole)
  })

  it('have names that are short enough whatever its own is', async () => {
    const output = 'ä'.repeat(120)
    for (const design of ['other.yaml', 'short.yaml'])
      expect(await runCli([...args(design), '-o', output], { cwd: directory })).toMatchObject({ code: 0 })
    const { child, result } = await startUntil(/ä.*\.new$/, output)
    child.kill('SIGKILL')
    await result
    expect((await runCli([...args('short.yaml'), '-o', output], { cwd: directory })).code).toBe(0)
    expect(files()).toEqual([...whole.filter((name) => name.endsWith('.yaml')), output].sort())
  })

  it('stay while who writes them lives, or where nobody can tell', async () => {
    const living = basename(await temporaryBeside(nodeFiles, join(directory, 'metrics.json.gz'), 'tmp'))
    const elsewhere = living.replace(/gz\.[0-9a-f]{8}-/, 'gz.00000000-')
    const old = 'metrics.json.gz.0123abcd.tmp'
    for (const name of [living, elsewhere, old]) writeFileSync(join(directory, name), '')
    expect((await runCli(args('short.yaml'), { cwd: directory })).code).toBe(0)
    expect(files()).toEqual([...whole, living, elsewhere, old].sort())
  })
})
