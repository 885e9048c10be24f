import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { classes } from '../../src/backfill/counts.ts'
import type { KeptReject } from '../../src/backfill/rejects.ts'
import type { RunSummary } from '../../src/backfill/report.ts'
import { type CliOptions, type CliResult, runCli } from '../support/cli.ts'
import { type Content, writeFiles } from '../support/hand-made.ts'

/** An archive, and the lake that it is rolled up into. */
export interface Setting {
  readonly from: string
  readonly to: string
}

/** A new archive of some files, and a place for a lake. */
export function setUp(root: string, files: Readonly<Record<string, Content>> = {}): Setting {
  const folder = mkdtempSync(join(root, 'case-'))
  writeFiles(join(folder, 'in'), files)
  return { from: join(folder, 'in'), to: join(folder, 'lake') }
}

/** The hour that hand-made archives lie in. */
const theHour = ['--start-time=2014-02-14T14:00:00Z', '--end-time=2014-02-14T15:00:00Z']

export interface RollupResult extends CliResult {
  /** Absent where the run has not come to its end. */
  readonly summary: RunSummary | undefined
}

/**
 * Rolls an hour up, in one thread unless `args` say otherwise. Whatever comes of it, it must be told without a stack, and every metric
 * must be accounted for.
 */
export async function rollUp(
  { from, to }: Setting,
  args: readonly string[] = [],
  options?: CliOptions,
): Promise<RollupResult> {
  const times = args.some((arg) => arg.startsWith('--start-time')) ? [] : theHour
  const env = { RETROFILL_WORKERS: '0', ...options?.env }
  const flags = ['--from', from, '--to', to, '--output=json', '--quiet', ...times, ...args]
  const result = await runCli(['rollup', ...flags], { ...options, env })
  expect(result.stderr).not.toMatch(/\n\s+at |unexpected error/)
  const summary = result.stdout.startsWith('{') ? JSON.parse(result.stdout) : undefined
  if (summary) expectAccounted(summary)
  return { ...result, summary }
}

function expectAccounted({ report }: RunSummary): void {
  for (const counts of [report.counts, report.again])
    expect(classes.reduce((sum, name) => sum + counts[name], 0)).toBe(counts.metrics)
}

/** What the rejects files of a lake hold. */
export function rejectsOf(lake: string): KeptReject[] {
  const state = join(lake, '_retrofill')
  const paths = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((path) => /rejects.ndjson$/.test(path))
  return paths.flatMap((path) => {
    const lines = readFileSync(join(state, path), 'utf8').split('\n')
    return lines.filter((text) => text !== '').map((text) => JSON.parse(text))
  })
}
