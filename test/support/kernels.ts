import type { KernelName } from '../../src/archive/scan.ts'

/**
 * The kernel of tests that do not say which: the one that the environment variable RETROFILL_KERNEL names, as the command takes it too.
 * The suite runs the tests of archives with either; see vitest.config.ts.
 */
export const kernel = (process.env.RETROFILL_KERNEL ?? 'fast') as KernelName
