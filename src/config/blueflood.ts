import { parseShards } from '../archive/shards.ts'
import { formatTime } from '../time/range.ts'
import { usageError } from '../util/errors.ts'
import { didYouMean } from '../util/suggest.ts'
import { cassandraKeys, cassandraUrl, lifetimes, usedCassandraKeys } from './blueflood-cassandra.ts'
import { credentialKeys, isNeedless, synonyms } from './blueflood-keys.ts'
import { parseProperties } from './properties.ts'
import { filled, invalid, type Setting, type Values, whole } from './setting.ts'

/** The commands that a Blueflood configuration speaks to. */
export type ConfiguredCommand = 'download' | 'verify' | 'rollup'

/** What a `blueflood.conf` means here. */
export interface BluefloodConfig {
  /** The flags of each command, by name. */
  readonly flags: Readonly<Record<ConfiguredCommand, ReadonlyMap<string, Setting>>>
  /** Logins, as the bucket drivers and Cassandra take them. */
  readonly credentials: Readonly<Record<string, string>>
  /** Keys by what became of them, each in order. */
  readonly used: readonly string[]
  readonly notNeeded: readonly string[]
  /** With what they may have meant. */
  readonly notUnderstood: readonly string[]
}

export interface BluefloodOptions {
  /** Values that go before those of the file, as `-DKEY=value` did. */
  readonly overrides?: Values
  /** Whether the rollup reads what is stored already, as Blueflood's manual tool did; by default where only keys of that tool are there. */
  readonly readsStore?: boolean
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

/** Keys of the downloader and of the rollup of archives. */
const archiveRules: Readonly<Record<string, Rule>> = {
  REPLAY_PERIOD_START: { flags: everywhere('start-time'), read: time },
  REPLAY_PERIOD_STOP: { flags: everywhere('end-time'), read: time },
  DOWNLOAD_DIR: { flags: { download: 'to', verify: 'to', rollup: 'from' }, read: filled },
  CLOUDFILES_CONTAINER: {
    flags: { download: 'from', verify: 'from' },
    read: (value, key) => `swift:///${encodeURIComponent(filled(value, key))}`,
  },
  BATCH_SIZE: { flags: { download: 'batch-size', rollup: 'batch-size' }, read: from1 },
  NUMBER_OF_BUFFERED_SLOTS: {
    flags: { download: 'buffered-slots', rollup: 'buffered-slots' },
    // Without any, a slot would close before the end of the file that fills it.
    read: (value, key) => String(Math.max(1, whole(value, key, 0))),
  },
  SHARDS: { flags: { rollup: 'shards' }, read: shards },
}

/** Keys of the manual tool, which makes coarser levels of what is stored. */
const manualRules: Readonly<Record<string, Rule>> = {
  START_MILLIS: { flags: { rollup: 'start-time' }, read: time },
  STOP_MILLIS: { flags: { rollup: 'end-time' }, read: time },
  SHARDS_TO_MANUALLY_ROLLUP: { flags: { rollup: 'shards' }, read: shards },
}

/** Levels that a run with a Blueflood configuration makes, unless the configuration names some. */
const levels = ['5m', '20m', '60m', '240m', '1440m']
const levelKeys = levels.map((level) => `METRICS_${level.toUpperCase()}_ENABLED`)

const ownKeys = [
  ...Object.keys(archiveRules),
  ...Object.keys(manualRules),
  ...Object.keys(synonyms),
  ...levelKeys,
  ...credentialKeys,
  ...cassandraKeys,
]

/**
 * Reads a Blueflood configuration, a Java properties file, as it is.
 * @throws a usage error where a value cannot be understood, or two spellings of a key disagree
 */
export function readBlueflood(text: string, options: BluefloodOptions = {}): BluefloodConfig {
  const given = unite(parseProperties(text), options.overrides ?? new Map())
  const { readsStore = isManual(given) } = options
  const flags = { download: new Map(), verify: new Map(), rollup: new Map() }
  const used = new Set([...levelKeys, ...credentialKeys, ...usedCassandraKeys(given)])
  for (const [key, value] of given) {
    const found = ruleOf(key, readsStore)
    if (!found) continue
    for (const [command, flag] of Object.entries(found.flags))
      flags[command as ConfiguredCommand].set(flag, { value: found.read(value, key), keys: [key] })
    used.add(key)
  }
  for (const [flag, setting] of rollupFlags(given, readsStore)) flags.rollup.set(flag, setting)
  // Blueflood's own default, where the account is told.
  if (given.has('CLOUDFILES_USER') && !given.has('CLOUDFILES_CONTAINER'))
    for (const command of ['download', 'verify'] as const)
      flags[command].set('from', { value: 'swift:///metric-data', keys: [] })
  const credentials = Object.fromEntries([...given].filter(([key]) => credentialKeys.includes(key)))
  return { flags, credentials, ...sortKeys([...given.keys()], used) }
}

/** A file with keys of the manual tool and none of the archive's. */
const isManual = (given: Values): boolean =>
  Object.keys(manualRules).some((key) => given.has(key)) &&
  !['DOWNLOAD_DIR', 'REPLAY_PERIOD_START', 'REPLAY_PERIOD_STOP'].some((key) => given.has(key))

/** What a key means to the commands; a rollup of what is stored takes the manual tool's keys, and not those of the archive's. */
function ruleOf(key: string, readsStore: boolean): Rule | undefined {
  if (manualRules[key]) return readsStore ? manualRules[key] : undefined
  const rule = archiveRules[synonyms[key] ?? key]
  if (!rule || !readsStore) return rule
  const { rollup: _, ...flags } = rule.flags
  return Object.keys(flags).length === 0 ? undefined : { ...rule, flags }
}

/** What a rollup takes from several keys together. */
function rollupFlags(given: Values, readsStore: boolean): [string, Setting][] {
  const url = cassandraUrl(given)
  const days = lifetimes(given)
  return [
    ['to', url],
    ['granularity', granularity(given)],
    ...(readsStore ? [['from', url] satisfies [string, Setting]] : []),
    ...(days ? [['ttl-days', days] satisfies [string, Setting]] : []),
  ]
}

function granularity(given: Values): Setting {
  const keys = levelKeys.filter((key) => given.has(key))
  if (keys.length === 0) return { value: levels.join(','), keys }
  const wanted = levels.filter((_level, i) => /^true$/i.test(given.get(levelKeys[i]) ?? ''))
  if (wanted.length === 0) throw usageError('METRICS_*_ENABLED: no level is enabled', 'enable one, or leave them out')
  return { value: wanted.join(','), keys }
}

function sortKeys(
  given: readonly string[],
  used: ReadonlySet<string>,
): Pick<BluefloodConfig, 'used' | 'notNeeded' | 'notUnderstood'> {
  const isKnown = (key: string) => isNeedless(key) || ownKeys.includes(key)
  const unused = given.filter((key) => !used.has(key)).sort()
  return {
    used: given.filter((key) => used.has(key)).sort(),
    notNeeded: unused.filter(isKnown),
    notUnderstood: unused.filter((key) => !isKnown(key)).map((key) => key + didYouMean(key, ownKeys)),
  }
}

/** The keys of a file and what overrides them, in whatever spelling. */
function unite(file: Values, overrides: Values): Map<string, string> {
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
  if (!shards?.keys.includes('SHARDS') || shards.value === 'ALL') return []
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
