import type { z } from 'zod'
import type { Caller, Pace } from '../bucket/caller.ts'
import type { Time } from '../time/range.ts'
import type { Source } from './source.ts'

/** What a source may use of the world. */
export interface SourceContext {
  /** What stands behind `--from`: the source's name, a URL or a path. */
  readonly location: string
  /** Environment variables, for the credentials that the service's own tools find there. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Makes every request: retried, paced, timed and counted. */
  readonly caller: Caller
  readonly stdin: AsyncIterable<Uint8Array>
  now(): Time
}

/**
 * A kind of source, one file each. Vendor SDKs are loaded inside `open`, so that listing all kinds costs nothing.
 * @see defineSource
 */
export interface SourceDefinition<Options extends z.ZodObject = z.ZodObject> {
  readonly brief: string
  /**
   * Values of `-o name=value`: every one has a description, and its default, if any, as a user would write it (`prefault`).
   * `options.ts` has the usual kinds.
   */
  readonly options: Options
  /** Options that must not be kept or shown. */
  readonly secrets: readonly (keyof z.output<Options> & string)[]
  /** Options that say where or how to read, but do not change what is read: a job is the same whatever they are. */
  readonly incidental?: readonly (keyof z.output<Options> & string)[]
  /** Other names of options. */
  readonly aliases?: Readonly<Record<string, keyof z.output<Options> & string>>
  /** What the service lets one client have a second, as its documents say. */
  readonly pace?: Pace
  /** What a point takes in the service's answers, roughly. */
  readonly bytesPerPoint?: number
  /** Whether the metrics must be named: they come as `Query.names`, as the service calls them. */
  readonly needsMetric: boolean
  /** @throws a usage error where credentials are missing or options do not go together */
  open(options: z.output<Options>, context: SourceContext): Source | Promise<Source>
}

/** Checks a definition against the types of its own options. */
export const defineSource = <Options extends z.ZodObject>(definition: SourceDefinition<Options>): SourceDefinition =>
  // Whoever opens a source has parsed its options by its own schema.
  definition as unknown as SourceDefinition
