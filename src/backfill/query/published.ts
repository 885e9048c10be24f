import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { jobFolder } from '../../store/lake/layout.ts'
import { type Range, union } from '../../time/range.ts'
import { nodeFiles, replaceFile } from '../../util/files.ts'
import { jobId } from './job.ts'
import type { BackfillOptions } from './options.ts'
import { landingLake } from './workspace.ts'

/** What of a metrics file is this job's: of these series it has published all points that the file holds in these parts of time. */
export interface Published {
  readonly series: ReadonlySet<string>
  readonly parts: readonly Range[]
}

interface PublishedFile {
  /** What the file was then. */
  readonly file: string
  readonly series: readonly string[]
  readonly parts: readonly Range[]
}

const pathOf = (options: BackfillOptions): string =>
  join(jobFolder(landingLake(options), jobId(options)), 'published.json')

/** What this job has published into the file as it is now; nothing where somebody has changed it since. */
export async function readPublished(options: BackfillOptions, path: string): Promise<Published> {
  const bytes = await nodeFiles.read(pathOf(options))
  const {
    file,
    series = [],
    parts = [],
  }: Partial<PublishedFile> = bytes ? JSON.parse(Buffer.from(bytes).toString()) : {}
  const isSame = file !== undefined && file === (await identify(path))
  return { series: new Set(isSame ? series : []), parts: isSame ? parts : [] }
}

/** Remembers that these series are published in these parts, besides what was before. */
export async function writePublished(
  options: BackfillOptions,
  path: string,
  { names, done, before }: { names: readonly string[]; done: readonly Range[]; before: Published },
): Promise<void> {
  const hasNew = names.some((name) => !before.series.has(name))
  const published = {
    file: await identify(path),
    series: names,
    // Series that have joined are the job's only where it has published them.
    parts: hasNew ? done : union([...before.parts, ...done]),
  }
  const own = pathOf(options)
  await replaceFile(nodeFiles, { path: own, temporary: `${own}.tmp` }, [Buffer.from(JSON.stringify(published))])
}

/** Another text for whatever takes a file's place. */
async function identify(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found && `${found.ino} ${found.size} ${found.mtimeNs}`
}
