import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GenerateDataOptions, generateData } from '../../src/generate/generate-data.ts'
import { loadMetrics, type Points } from '../metrics-file/metrics.ts'
import { temporaryFolder } from '../support/folders.ts'

export const now = Date.UTC(2026, 10, 21, 17, 30)

/** What a command line leaves out. */
export const defaults = {
  seed: 1n,
  compat: false,
  format: 'plain',
  timezone: 'UTC',
  now,
  maxPoints: 1e6,
} as const

/** Generates a design into a new file, and gives that file's path. */
export async function generateFile(design: string, options: Partial<GenerateDataOptions> = {}): Promise<string> {
  const directory = temporaryFolder()
  const input = join(directory, 'design.yaml')
  const output = join(directory, 'metrics.json.gz')
  writeFileSync(input, design)
  await generateData({ input, output, ...defaults, ...options })
  return options.output ?? output
}

/** What a design generates: type (`-` for none) → metric → points. */
export const generated = async (
  design: string,
  options?: Partial<GenerateDataOptions>,
): Promise<Record<string, Record<string, Points>>> => loadMetrics(await generateFile(design, options))

/** A design of one metric `m` over an hour, with these fields. */
export const oneMetric = (fields: string): string =>
  `m:\n  start_time: "2017-12-01T08:00:00Z"\n  end_time: "2017-12-01T09:00:00Z"\n${fields.replace(/^/gm, '  ')}\n`
