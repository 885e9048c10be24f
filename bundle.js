// Bundles the command and its threads into dist/bin, a few files each: Node takes longer to find, read and link two hundred modules
// than to run them. What a command does not call for stays in files of its own; packages stay where they are.
import { rm } from 'node:fs/promises'
import { build } from 'rolldown'

const entries = ['cli/main', 'source/archive/worker', 'download/digest-worker']

// Modules that become one file each, with those that they import and that no step before has: what a list of commands needs, the flags
// of a rollup, what most commands need of time and files, a lake, and a rollup.
const steps = [
  { name: 'start', modules: /cli\/app/ },
  { name: 'flags', modules: /cli\/rollup/ },
  { name: 'base', modules: /metric\/(arrange-points|rows)|time\/(granularity|instant)|util\/(named-file|temporary)/ },
  { name: 'lake', modules: /store\/lake\/lake/ },
  { name: 'rollup', modules: /backfill\/run|cli\/rollup-run/ },
]
const groups = steps.map(({ name, modules }, step) => ({
  name,
  test: new RegExp(`/dist/(${modules.source})\\.js$`),
  priority: steps.length - step,
}))

await rm('dist/bin', { recursive: true, force: true })
// A thread shares no file with the command: its own code comes in one.
for (const entry of entries)
  await build({
    input: `dist/${entry}.js`,
    platform: 'node',
    external: /^[^./]/,
    // A module that one command loads late another one has from the start.
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: 'dist/bin',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: { groups },
    },
  })
