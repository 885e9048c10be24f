import { parseCassandraUrl } from '../store/cassandra/url.ts'
import { full, min5, min20, min60, min240, min1440 } from '../time/granularity.ts'
import { invalid, type Setting, type Values, whole } from './setting.ts'

/** Blueflood's own. */
const defaults = { hosts: 'localhost', port: '9042', keyspace: 'DATA' }

/** Keys that say where Cassandra is, and how it is asked. Those of the Thrift protocol give hosts; their ports are no use. */
const placeKeys = [
  'CASSANDRA_BINXPORT_HOSTS',
  'CASSANDRA_BINXPORT_PORT',
  'CASSANDRA_HOSTS',
  'ROLLUP_KEYSPACE',
  'CASSANDRA_LOCAL_DATACENTER_NAME',
  'CASSANDRA_REQUEST_TIMEOUT',
]

/** Keys of how many days rows live, and the level that each is for. */
const lifetimeKeys = new Map([
  ['RAW_METRICS_TTL', full],
  ['BASIC_ROLLUPS_MIN5', min5],
  ['BASIC_ROLLUPS_MIN20', min20],
  ['BASIC_ROLLUPS_MIN60', min60],
  ['BASIC_ROLLUPS_MIN240', min240],
  ['BASIC_ROLLUPS_MIN1440', min1440],
])

/** Every key of Blueflood's that says something of Cassandra. */
export const cassandraKeys: readonly string[] = [...placeKeys, ...lifetimeKeys.keys()]

/** Those that are used: hosts of the Thrift protocol only where no others are given. */
export const usedCassandraKeys = (given: Values): string[] =>
  cassandraKeys.filter((key) => given.has(key) && !(key === 'CASSANDRA_HOSTS' && given.has('CASSANDRA_BINXPORT_HOSTS')))

/** The URL of the keyspace that a configuration names, with Blueflood's defaults for what it does not. */
export function cassandraUrl(given: Values): Setting {
  const { hosts, port, keyspace } = defaults
  const key = given.get('CASSANDRA_BINXPORT_HOSTS') === undefined ? 'CASSANDRA_HOSTS' : 'CASSANDRA_BINXPORT_HOSTS'
  const portThere = given.get('CASSANDRA_BINXPORT_PORT') ?? port
  check(() => parseCassandraUrl(place([`h:${portThere}`], keyspace)), ['CASSANDRA_BINXPORT_PORT', 'a port', portThere])
  const named = (given.get(key) ?? hosts).split(',').map((host) => {
    const [name, ownPort = portThere] = host.trim().split(':')
    return `${name}:${key === 'CASSANDRA_HOSTS' && given.has(key) ? portThere : ownPort}`
  })
  const space = given.get('ROLLUP_KEYSPACE') ?? keyspace
  check(() => parseCassandraUrl(place(named, keyspace)), [key, 'host:port, with commas', given.get(key) ?? hosts])
  check(() => parseCassandraUrl(place(named, space)), ['ROLLUP_KEYSPACE', 'the name of a keyspace', space])
  const keys = usedCassandraKeys(given).filter((each) => placeKeys.includes(each))
  return { value: place(named, space) + parametersOf(given), keys }
}

const place = (hosts: readonly string[], keyspace: string): string =>
  `cassandra://${[...new Set(hosts)].join(',')}/${keyspace}`

function parametersOf(given: Values): string {
  const parameters = new URLSearchParams()
  const centre = given.get('CASSANDRA_LOCAL_DATACENTER_NAME')
  if (centre) parameters.set('dc', centre)
  const timeout = given.get('CASSANDRA_REQUEST_TIMEOUT')
  if (timeout !== undefined) parameters.set('timeout', `${whole(timeout, 'CASSANDRA_REQUEST_TIMEOUT', 1)}ms`)
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** The days that rows live, as `--ttl-days` takes them: a key that is blank or negative leaves the default. */
export function lifetimes(given: Values): Setting | undefined {
  const found = [...lifetimeKeys].flatMap(([key, { name }]) => {
    const days = given.get(key)?.trim()
    return days && !/^-\d+$/.test(days) ? [{ key, text: `${name}=${whole(days, key, 0)}` }] : []
  })
  if (found.length === 0) return undefined
  return { value: found.map(({ text }) => text).join(','), keys: found.map(({ key }) => key) }
}

function check(parse: () => unknown, [key, expected, value]: readonly [string, string, string]): void {
  try {
    parse()
  } catch {
    throw invalid(key, expected, value)
  }
}
