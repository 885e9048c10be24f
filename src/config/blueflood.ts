import { parseShards } from '../archive/shards.ts'
import { formatTime } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { didYouMean } from '../util/suggest.ts'
import { parseProperties } from './properties.ts'

/** The commands that a Blueflood configuration speaks to. */
export type ConfiguredCommand = 'download' | 'verify' | 'rollup'

/** A flag that a configuration sets, and the key that sets it. */
export interface Setting {
  readonly value: string
  readonly key: string
}

/** What a `blueflood.conf` means here. */
export interface BluefloodConfig {
  /** The flags of each command, by name. */
  readonly flags: Readonly<Record<ConfiguredCommand, ReadonlyMap<string, Setting>>>
  /** `CLOUDFILES_USER`, `_KEY`, `_PROVIDER` and `_ZONE`, as the bucket drivers take them. */
  readonly credentials: Readonly<Record<string, string>>
  /** Keys by what became of them, each in order. */
  readonly used: readonly string[]
  readonly notNeeded: readonly string[]
  /** With what they may have meant. */
  readonly notUnderstood: readonly string[]
}

interface Rule {
  /** The flag that it sets, by command. */
  readonly flags: Readonly<Partial<Record<ConfiguredCommand, string>>>
  /** The flag's value; throws where the key's is wrong. */
  read(value: string, key: string): string
}

const everywhere = (flag: string) => ({ download: flag, verify: flag, rollup: flag })
const time = (value: string, key: string) => formatTime(whole(value, key, 0))
const from1 = (value: string, key: string) => String(whole(value, key, 1))

const rules: Readonly<Record<string, Rule>> = {
  REPLAY_PERIOD_START: { flags: everywhere('start-time'), read: time },
  REPLAY_PERIOD_STOP: { flags: everywhere('end-time'), read: time },
  DOWNLOAD_DIR: { flags: { download: 'to', verify: 'to', rollup: 'from' }, read: filled },
  CLOUDFILES_CONTAINER: {
    flags: { download: 'from', verify: 'from' },
    read: (value, key) => `swift:///${encodeURIComponent(filled(value, key))}`,
  },
  BATCH_SIZE: { flags: { download: 'batch-size', rollup: 'batch-size' }, read: from1 },
  NUMBER_OF_BUFFERED_SLOTS: { flags: { download: 'buffered-slots', rollup: 'buffered-slots' }, read: from1 },
  SHARDS: { flags: { rollup: 'shards' }, read: shards },
}

/** Spellings of the README that the code did not know, and what they mean. */
const synonyms: Readonly<Record<string, string>> = {
  SHARDS_TO_BACKFILL: 'SHARDS',
  NUMBER_OF_BUFFERRED_SLOTS: 'NUMBER_OF_BUFFERED_SLOTS',
}

const credentialKeys = ['CLOUDFILES_USER', 'CLOUDFILES_KEY', 'CLOUDFILES_PROVIDER', 'CLOUDFILES_ZONE']

/** Levels that a run with a Blueflood configuration makes, unless the configuration names some. */
const levels = ['5m', '20m', '60m', '240m', '1440m']
const levelKey = /^METRICS_(\d+M)_ENABLED$/

/** Keys that mean nothing here: what they tuned needs no tuning, or belongs to Blueflood's own services. */
const needless = [
  /^(ROLLUP_DIR|ROLLUP_THREADS|BATCH_WRITER_THREADS|ROLLUP_BATCH_(MIN|MAX)_SIZE|MAX_REROLL_THREADS)$/,
  /^(GRAPHITE|RIEMANN|INGEST|ZOOKEEPER|ELASTICSEARCH|DISCOVERY|HTTP|MAX_CASSANDRA|DATASTAX|ASTYANAX|EVENT|QUERY|COASTAL?)_/,
  /^(CASSANDRA|ROLLUP|METRICS|METADATA|TTL|RAW|BASIC|STRING|COUNTER|GAUGE|TIMER|SET|ENUM|HISTOGRAM|DELAYED|RECORD|TRACKER)_/,
  /^(START_MILLIS|STOP_MILLIS|SHARDS_TO_MANUALLY_ROLLUP|EXPORT_ROLLUPS|USE_LEGACY_METRIC_SEPARATOR|SCHEDULE_POLL_PERIOD|CONFIG_REFRESH_PERIOD)$/,
  /^([A-Z]+_)*(MODE|DEFAULT_[A-Z_]+|[A-Z_]*_CLASSES|ARE_TTLS_FORCED|TENANTIDS_TO_KEEP|READ_REPAIRS[A-Z_]*|SHARD_[A-Z_]+|[A-Z_]*CACHE[A-Z_]*)$/,
]

/** Whether a key's value must not be shown. */
export const isSecret = (key: string): boolean => /(_KEY|PASSWORD|SECRET|TOKEN)$/.test(key)

/**
 * Reads a Blueflood configuration, a Java properties file, as it is.
 * @param overrides values that go before those of the file, as `-DKEY=value` did
 * @throws a usage error where a value cannot be understood, or two spellings of a key disagree
 */
export function readBlueflood(text: string, overrides: ReadonlyMap<string, string> = new Map()): BluefloodConfig {
  const given = unite(parseProperties(text), overrides)
  const flags = { download: new Map(), verify: new Map(), rollup: new Map() }
  const used: string[] = []
  const notNeeded: string[] = []
  const notUnderstood: string[] = []
  const enabled = new Map<string, boolean>()
  for (const [key, value] of given) {
    const rule = rules[synonyms[key] ?? key]
    const level = levelKey.exec(key)?.[1].toLowerCase()
    if (rule) {
      for (const [command, flag] of Object.entries(rule.flags))
        flags[command as ConfiguredCommand].set(flag, { value: rule.read(value, key), key })
    } else if (level && levels.includes(level)) enabled.set(level, /^true$/i.test(value))
    const isUsed = rule || (level && levels.includes(level)) || credentialKeys.includes(key)
    if (isUsed) used.push(key)
    else if (needless.some((pattern) => pattern.test(key))) notNeeded.push(key)
    else notUnderstood.push(key + didYouMean(key, [...Object.keys(rules), ...Object.keys(synonyms), ...credentialKeys]))
  }
  const wanted = enabled.size > 0 ? levels.filter((level) => enabled.get(level)) : levels
  if (wanted.length === 0) throw usageError('METRICS_*_ENABLED: no level is enabled', 'enable one, or leave them out')
  flags.rollup.set('granularity', { value: wanted.join(','), key: enabled.size > 0 ? 'METRICS_*_ENABLED' : 'default' })
  // Blueflood's own default, where the account is told.
  if (given.has('CLOUDFILES_USER') && !given.has('CLOUDFILES_CONTAINER'))
    for (const command of ['download', 'verify'] as const)
      flags[command].set('from', { value: 'swift:///metric-data', key: 'default' })
  const credentials = Object.fromEntries([...given].filter(([key]) => credentialKeys.includes(key)))
  return { flags, credentials, used: used.sort(), notNeeded: notNeeded.sort(), notUnderstood: notUnderstood.sort() }
}

/** The keys of a file and what overrides them, in whatever spelling. */
function unite(file: ReadonlyMap<string, string>, overrides: ReadonlyMap<string, string>): Map<string, string> {
  const meaning = (key: string) => synonyms[key] ?? key
  const overridden = new Set([...overrides.keys()].map(meaning))
  const given = new Map([...[...file].filter(([key]) => !overridden.has(meaning(key))), ...overrides])
  for (const [key, value] of given) {
    const other = synonyms[key]
    if (other && given.has(other) && given.get(other) !== value)
      throw usageError(`contradiction: ${key}=${value}, but ${other}=${given.get(other)}`, 'leave one of them out')
  }
  return given
}

/** What a person should hear of a configuration that a rollup uses. */
export function warnings({ flags }: BluefloodConfig): string[] {
  const shards = flags.rollup.get('shards')
  if (shards?.key !== 'SHARDS' || shards.value === 'ALL') return []
  return [
    `SHARDS=${shards.value} limits this backfill too, though it may be meant for Blueflood's rollup service: SHARDS_TO_BACKFILL or --shards says it for the backfill alone`,
  ]
}

function shards(value: string, key: string): string {
  try {
    parseShards(value)
    return value.trim().toUpperCase()
  } catch {
    throw invalid(key, 'ALL, NONE or a list such as 0,15,40 of 0 to 127', value)
  }
}

function filled(value: string, key: string): string {
  if (value.trim() !== '') return value
  throw invalid(key, 'a value', value)
}

function whole(text: string, key: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least && value < 8.64e15) return value
  throw invalid(key, `a whole number from ${least}`, text)
}

const invalid = (key: string, expected: string, value: string) =>
  usageError(`invalid ${key}: expected ${expected}, got ${JSON.stringify(value)}`)
