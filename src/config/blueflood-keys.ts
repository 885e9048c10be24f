/** Spellings of the README that the code did not know, and what they mean. */
export const synonyms: Readonly<Record<string, string>> = {
  SHARDS_TO_BACKFILL: 'SHARDS',
  NUMBER_OF_BUFFERRED_SLOTS: 'NUMBER_OF_BUFFERED_SLOTS',
}

/** Keys whose values are credentials, as bucket drivers and Cassandra take them from the environment. */
export const credentialKeys = [
  'CLOUDFILES_USER',
  'CLOUDFILES_KEY',
  'CLOUDFILES_PROVIDER',
  'CLOUDFILES_ZONE',
  'CASSANDRA_USERNAME',
  'CASSANDRA_PASSWORD',
]

/** Whether a key's value must not be shown. */
export const isSecret = (key: string): boolean => /(_KEY|PASSWORD|SECRET|TOKEN)$/.test(key)

/** Keys that mean nothing here, whole: what they tuned needs no tuning, or belongs to Blueflood's own services. */
const needless: readonly RegExp[] = [
  // Threads and batches of the tools
  /ROLLUP_DIR|ROLLUP_THREADS|BATCH_WRITER_THREADS|ROLLUP_BATCH_(MIN|MAX)_SIZE|MAX_REROLL_THREADS|METRIC_BATCH_SIZE/,
  // Connections: there are as many requests at once as the cluster bears, made again for a minute
  /CASSANDRA_(DRIVER|MAX_RETRIES)|DEFAULT_CASSANDRA_PORT|CLUSTER_NAME|MAX_TIMEOUT_WHEN_EXHAUSTED/,
  /(MAX|MIN|INITIAL)_CASSANDRA_CONNECTIONS|DATASTAX_((READ|WRITE)_TIMEOUT|UNAVAILABLE)_MAX_RETRIES/,
  // Lifetimes of what is no basic rollup
  /STRING_METRICS_TTL|TTL_CONFIG_CONST|ARE_TTLS_FORCED|(HIST|SET|GAUGE|TIMER|COUNTER|ENUM)_ROLLUPS_(FULL|MIN\d+)/,
  // Blueflood's services
  /(INGEST|ROLLUP|QUERY)_MODE|(INGESTION|QUERY|DISCOVERY|EVENT_LISTENER|EVENTS)_MODULES|IMETRICS_WRITER/,
  /SCHEDULE_POLL_PERIOD|CONFIG_REFRESH_PERIOD|SHARD_(PUSH|PULL)_PERIOD|SHARD_LOCK_[A-Z]+_(PERIOD|INTERVAL)_MS/,
  /ZOOKEEPER_CLUSTER|MAX_ZK_LOCKS_TO_ACQUIRE_PER_CYCLE|INTERNAL_API_CLUSTER|MAX_ROLLUP_(READ|WRITE)_THREADS/,
  /MAX_LOCATOR_FETCH_THREADS|ROLLUP_(DELAY|WAIT|ON_READ)_[A-Z_]+|(BEFORE|AFTER)_CURRENT_COLLECTIONTIME_MS/,
  /RECORD_DELAYED_METRICS|DELAYED_METRICS_(STORAGE|REROLL)_GRANULARITY|REPAIR_ROLLUPS_ON_READ|ENABLE_HISTOGRAMS/,
  /USE_LEGACY_METRIC_SEPARATOR|DISABLE_TYPE_UNIT_PROCESSING_CACHE_READ|TENANTIDS_TO_KEEP|EXPORT_ROLLUPS/,
  /(GRAPHITE|RIEMANN|HTTP|ELASTICSEARCH|META_CACHE|GET_BY_POINTS|TRACKER)_[A-Z_]+/,
]

const needlessKey = new RegExp(`^(${needless.map(({ source }) => source).join('|')})$`)

export const isNeedless = (key: string): boolean => needlessKey.test(key)
