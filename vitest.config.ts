import { defineConfig } from 'vitest/config'
import { ServersFirst } from './test/support/sequence.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // One for every core: many tests wait for child processes.
    maxWorkers: '100%',
    testTimeout: 180_000,
    hookTimeout: 300_000,
    sequence: { sequencer: ServersFirst },
  },
})
