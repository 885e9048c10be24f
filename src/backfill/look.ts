import { type Complete, coversRange, isOfNames, readComplete } from '../archive/complete.ts'
import { journalFile, readMarker } from '../archive/marker.ts'
import { isSelected, type NameParser } from '../archive/names.ts'
import type { Listing } from '../source/archive/list.ts'
import type { Time } from '../time/range.ts'
import type { FileSystem } from '../util/files.ts'
import type { RunContext } from './context.ts'
import type { Work } from './work.ts'

/** A directory that another process fills, at one moment. */
export interface Look {
  /** What says that all files of a range have been there. */
  readonly complete: Complete | undefined
  /** The name time of the file up to which a download says that all have come; without a download nothing is known to be missing. */
  readonly arrived: Time
  readonly listing: Listing
}

/** Looks at the directory. It is listed last: every file that the others speak of was there before them. */
export async function lookAt({ files }: RunContext, { bucket, parse, list }: Work): Promise<Look> {
  const complete = await readComplete(files, bucket.url)
  const arrived = await arrivedIn(bucket.url, files, parse)
  return { complete, arrived, listing: await list() }
}

async function arrivedIn(directory: string, files: FileSystem, parse: NameParser): Promise<Time> {
  const marker = parse((await readMarker(files, [directory])) ?? '')
  if (marker !== undefined) return marker.time
  const isDownload = (await files.list(directory)).includes(journalFile)
  return isDownload ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** Whether the directory says that all files of the range have been there, and these are those that are there or were read. */
export function isWhole({ catalogue, settings }: RunContext, { asked }: Work, { complete, listing }: Look): boolean {
  if (!complete || !coversRange(complete, asked, settings.margins)) return false
  const known = [...listing.files, ...catalogue.all()].filter((file) => isSelected(file, complete, complete))
  return isOfNames(complete, [...new Set(known.map(({ name }) => name))])
}
