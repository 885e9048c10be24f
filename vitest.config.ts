import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ServersFirst } from './test/support/sequence.ts'

/** The tests of archives that matter most, beside those that run both kernels themselves. */
const essential = ['backfill/follow', 'laws/*', 'source/archive']
/** The others that roll archives up. */
const others = [
  ...['backfill/push-run', 'backfill/self-healing', 'source/bucket', 'store/cassandra/*'],
  ...['cli/bad-input', 'cli/configuration', 'cli/mistakes', 'cli/read', 'cli/status'],
  ...['crash/disk', 'crash/interrupt', 'crash/kill', 'crash/power-loss', 'crash/together'],
]
const withGeneral = process.env.TORTURE ? [...essential, ...others] : essential

const project = (name: string, include: readonly string[], env = {}) => ({
  test: { name, include: [...include], env, testTimeout: 180_000, hookTimeout: 300_000 },
})

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    // One more than cores: many tests wait for servers and child processes.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: ServersFirst },
    projects: [
      project('fast kernel', ['test/**/*.test.ts']),
      project(
        'general kernel',
        withGeneral.map((name) => `test/${name}.test.ts`),
        { RETROFILL_KERNEL: 'general' },
      ),
    ],
  },
})
