import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { ServersFirst } from './test/support/sequence.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // One more than cores: many tests wait for servers and child processes.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    sequence: { sequencer: ServersFirst },
  },
})
