import { parseDuration } from '../../time/duration.ts'
import { usageError } from '../../util/errors.ts'

/** A cluster and keyspace, as `cassandra://host[:port][,host…]/KEYSPACE?dc=…` names them. */
export interface CassandraUrl {
  /** `host:port`, in the order given. */
  readonly hosts: readonly string[]
  readonly keyspace: string
  readonly dataCentre: string
  readonly user?: string
  /** Whether connections are encrypted, and the file of the authority that the servers are to be known by. */
  readonly tls: boolean
  readonly authority?: string
  /** Milliseconds that a request may take. */
  readonly timeout: number
  /** Of reads and writes: two of the same overlap in at least one replica, so that what was written is read. */
  readonly consistency: Consistency
}

export const consistencies = ['local_quorum', 'quorum', 'all'] as const
export type Consistency = (typeof consistencies)[number]

const scheme = 'cassandra://'
const defaultPort = '9042'
const parameters = ['dc', 'tls', 'ca', 'timeout', 'consistency']

export const isCassandraUrl = (text: string): boolean => text.startsWith(scheme)

/** Reads a URL of a Cassandra keyspace. Throws a usage error that says what is wrong. */
export function parseCassandraUrl(text: string): CassandraUrl {
  const [, login, hosts, keyspace, query] =
    /^cassandra:\/\/(?:([^@/?]*)@)?([^/?]*)\/?([^/?]*)(?:\?(.*))?$/.exec(text) ?? []
  if (hosts === undefined) throw invalid(text, `expected ${scheme}host[:port][,host…]/KEYSPACE`)
  if (login?.includes(':'))
    throw usageError(
      'a password does not belong into a URL, where everybody sees it',
      'give it as CASSANDRA_PASSWORD in the environment, or as CASSANDRA_PASSWORD_FILE',
    )
  if (!/^\w{1,48}$/.test(keyspace)) throw invalid(text, 'expected a keyspace after the hosts, such as /DATA')
  const values = parseParameters(query ?? '')
  const authority = values.get('ca') ?? undefined
  return {
    hosts: hosts.split(',').map((host) => parseHost(host, text)),
    keyspace,
    dataCentre: values.get('dc') ?? 'datacenter1',
    user: login ? decodeURIComponent(login) : undefined,
    tls: authority !== undefined || parseWord('tls', values.get('tls') ?? 'false', ['true', 'false']) === 'true',
    authority,
    timeout: parseDuration(values.get('timeout') ?? '10s'),
    consistency: parseWord('consistency', values.get('consistency') ?? 'local_quorum', consistencies),
  }
}

/** The URL of the same keyspace without whatever does not tell it from others: what jobs and reports call it. */
export const nameCassandra = ({ hosts, keyspace }: CassandraUrl): string =>
  `${scheme}${[...hosts].sort().join(',')}/${keyspace}`

function parseHost(text: string, url: string): string {
  const [, host, port = defaultPort] = /^([\w.-]+|\[[\da-f:]+\])(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw invalid(url, 'expected host or host:port')
  return `${host}:${port}`
}

function parseParameters(query: string): URLSearchParams {
  const values = new URLSearchParams(query)
  const unknown = [...values.keys()].find((name) => !parameters.includes(name))
  if (unknown !== undefined)
    throw usageError(`unknown parameter of a Cassandra URL: ${unknown}`, `known are ${parameters.join(', ')}`)
  return values
}

function parseWord<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === text)
  if (word === undefined)
    throw usageError(`invalid ${name} of a Cassandra URL: expected ${words.join(', ')}, got ${text}`)
  return word
}

/** A text with an @ in it is not shown: what stands before may be a password. */
const invalid = (url: string, problem: string) =>
  usageError(`invalid Cassandra URL: ${problem}${url.includes('@') ? '' : `, got ${url}`}`)
