import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeArchive } from '../../examples/archive.js'
import { runCli } from '../support/cli.ts'
import { temporaryFolder } from '../support/folders.ts'

const preload = pathToFileURL(join(import.meta.dirname, '../support/loads.js')).href

/**
 * What a command loads: our modules, by their files in `dist`, the files of the bundle that they come in, packages, Node's own modules,
 * and our modules of WebAssembly.
 */
interface Loaded {
  readonly files: readonly string[]
  readonly bundles: readonly string[]
  readonly packages: readonly string[]
  readonly builtins: readonly string[]
  readonly kernels: readonly string[]
}

async function loadedBy(args: readonly string[]): Promise<Loaded> {
  const LOADED = join(temporaryFolder(), 'loaded')
  const { code, stderr } = await runCli(args, { env: { LOADED, NODE_OPTIONS: `--import ${preload}` } })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const urls = [...new Set(readFileSync(LOADED, 'utf8').trim().split('\n'))]
  const found = (pattern: RegExp) => [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort()
  const bundles = found(/^(file:.*\/dist\/bin\/.+)$/)
  return {
    files: [...new Set(bundles.flatMap(bundled))],
    bundles,
    packages: found(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    builtins: found(/^node:(.+)$/),
    kernels: found(/^(?!.*\/node_modules\/).*\/wasm\/(.+)\.wasm$/),
  }
}

/** The modules that a file of the bundle is made of. */
const bundled = (url: string): string[] =>
  Array.from(readFileSync(new URL(url), 'utf8').matchAll(/^\/\/ dist\/(.+)\.js$/gm), ([, name]) => name)

describe('retrofill --help', () => {
  it('loads the parser of command lines and a dozen small files, no command', async () => {
    const { files, packages } = await loadedBy(['--help'])
    expect(packages).toEqual(['@stricli/core'])
    expect(files).toContain('cli/commands')
    expect(files.length).toBeLessThanOrEqual(12)
  })

  it('of a command loads that command only, and nothing that does its work', async () => {
    const { files, packages } = await loadedBy(['rollup', '--help'])
    expect(packages).toEqual(['@stricli/core'])
    expect(files).toContain('cli/rollup')
    expect(
      files.filter((name) => /^(archive|backfill|rollup|source|parquet|cli\/(backfill|simulate))/.test(name)),
    ).toEqual([])
    expect(files.length).toBeLessThanOrEqual(32)
  })
})

describe('a rollup of a directory into a lake', () => {
  const folder = temporaryFolder()
  const rollUp = (kernel: string) => {
    const places = ['--from', join(folder, 'raw'), '--to', join(folder, kernel)]
    return loadedBy(['rollup', ...places, `--kernel=${kernel}`, '--workers=1', '--quiet'])
  }
  let loaded: Loaded
  beforeAll(async () => {
    await makeArchive({ directory: join(folder, 'raw'), files: 2, checks: 2 })
    loaded = await rollUp('fast')
  })

  it('loads no package but those of the command line and of zstd', () => {
    expect(loaded.packages.filter((name) => !name.startsWith('@toondepauw/'))).toEqual(['@stricli/core'])
  })

  it('loads nothing of networks, databases, services and other commands', () => {
    const strange =
      /^(bucket\/(s3|swift|http|aws)|config|download|generate|metrics-file|simulate|source\/(?!archive)|store\/(?!lake|open|cassandra\/url|store))/
    expect(loaded.files.filter((name) => strange.test(name))).toEqual([])
    expect(loaded.builtins.filter((name) => /^(http|net|tls|dns)/.test(name))).toEqual([])
    expect(loaded.files.length).toBeLessThanOrEqual(165)
  })

  it('finds its modules in sixteen files', () => {
    expect(loaded.bundles.length).toBeLessThanOrEqual(16)
  })

  it('reads lines without the fast kernel where the general one is asked for', async () => {
    expect(loaded.kernels).toEqual(['archive', 'parquet', 'rollup'])
    expect((await rollUp('general')).kernels).toEqual(['parquet', 'rollup'])
  })
})

describe('a simulation', () => {
  it('loads no report, and no store but the file that it reads', async () => {
    const { files, packages } = await loadedBy([
      ...['simulate', '--metrics-data-files', join(import.meta.dirname, '../../examples/metrics.json.gz')],
      ...['--start-time', '2017-12-01', '--end-time', '2017-12-02', '--events', 'none', '--quiet'],
    ])
    expect(packages).toEqual(['@stricli/core'])
    expect(
      files.filter((name) =>
        /^(store\/(?!cassandra\/url|metrics-file|points-only)|parquet|simulate\/report\/(?!format))/.test(name),
      ),
    ).toEqual([])
  })
})
