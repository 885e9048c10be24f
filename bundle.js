// Bundles the command and its threads into dist/bin, a few files each: Node takes longer to find, read and link two hundred modules
// than to run them. What a command does not call for stays in files of its own; packages stay where they are.
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

const entries = ['cli/main', 'source/archive/worker', 'download/digest-worker']

await rm('dist/bin', { recursive: true, force: true })
// A thread shares no file with the command: its own code comes in one.
for (const entry of entries)
  await build({
    entryPoints: [`dist/${entry}.js`],
    outdir: 'dist/bin',
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
  })
