import type { CatalogueEntry } from '../archive/catalogue.ts'
import type { ArchiveName } from '../archive/names.ts'
import { ExitCode, UserError } from '../util/errors.ts'
import { findOverrun } from './budget.ts'
import type { RunContext } from './context.ts'
import type { Counts } from './counts.ts'
import { createLateGuard } from './late.ts'
import type { PassGuard } from './pass.ts'
import type { PassFile } from './plan.ts'

/** Stops a first pass where the late policy or the error budget says so. Lines of files that are not read now count too. */
export function guardOf(
  { settings, catalogue, rejects }: RunContext,
  selected: readonly ArchiveName[],
  files: readonly PassFile[],
): PassGuard {
  const isRead = new Set(files.map(({ file }) => file.name))
  const before = totalLines(selected.filter(({ name }) => !isRead.has(name)).map(({ name }) => catalogue.get(name)))
  return {
    late: createLateGuard(settings.late),
    rejects({ lines, rejectedLines }: Counts) {
      const total = { lines: before.lines + lines, rejectedLines: before.rejectedLines + rejectedLines }
      const overrun = findOverrun(settings.budget, total, false)
      if (!overrun) return
      const hint = `look at ${rejects.path}; if the lines may be lost, raise --max-rejects`
      throw new UserError(overrun, { exitCode: ExitCode.incomplete, hint })
    },
  }
}

/** The lines of some files, and how many of them were bad. */
export function totalLines(entries: readonly (CatalogueEntry | undefined)[]): { lines: number; rejectedLines: number } {
  const total = { lines: 0, rejectedLines: 0 }
  for (const entry of entries) {
    total.lines += entry?.counts.lines ?? 0
    total.rejectedLines += entry?.counts.rejectedLines ?? 0
  }
  return total
}
