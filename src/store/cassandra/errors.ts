import { ExitCode, errorMessage, UserError } from '../../util/errors.ts'

/** What the driver throws, as far as it is looked at. Its classes are known by name, so that nothing here loads it. */
interface DriverError extends Error {
  /** Of the native protocol, in answers of a server. */
  readonly code?: number | string
  /** Where a connection broke off. */
  readonly isSocketError?: boolean
  /** By host, where none could be used. */
  readonly innerErrors?: Readonly<Record<string, Error>>
}

const Code = {
  serverError: 0x0000,
  badCredentials: 0x0100,
  unavailable: 0x1000,
  overloaded: 0x1001,
  bootstrapping: 0x1002,
  writeTimeout: 0x1100,
  readTimeout: 0x1200,
  readFailure: 0x1300,
  writeFailure: 0x1500,
  unauthorized: 0x2100,
  unprepared: 0x2500,
} as const

const passing: readonly unknown[] = [
  Code.serverError,
  Code.unavailable,
  Code.overloaded,
  Code.bootstrapping,
  Code.writeTimeout,
  Code.readTimeout,
  Code.readFailure,
  Code.writeFailure,
]

/** Whether the same request may do better in a while: the cluster is down, busy or slow, not wrong. */
export function isPassing(error: unknown): boolean {
  const { name, code, isSocketError } = asDriverError(error)
  if (name === 'NoHostAvailableError') {
    const reasons = Object.values(innerErrors(error))
    return reasons.length > 0 && reasons.every(isPassingConnection)
  }
  return (
    isSocketError === true ||
    name === 'OperationTimedOutError' ||
    name === 'BusyConnectionError' ||
    (name === 'ResponseError' && passing.includes(code))
  )
}

const isPassingConnection = (error: Error): boolean =>
  error.name !== 'AuthenticationError' &&
  error.name !== 'ArgumentError' &&
  (isPassing(error) || error.name !== 'ResponseError')

/** An error of the driver as a user can act upon it; anything else as it is. `hosts` is what was asked for. */
export function wordCassandraError(error: unknown, hosts: string): unknown {
  const { name, code, message, isSocketError } = asDriverError(error)
  if (name === 'NoHostAvailableError') return wordConnection(error, hosts)
  if (isSocketError) return noAnswer(hosts, message, error)
  if (name === 'AuthenticationError' || code === Code.badCredentials) return badLogin(hosts, error)
  if (name === 'ArgumentError')
    return wrong(message.replace(/^Datacenter (.*) was not found\./, 'no data centre $1.'), error)
  if (name === 'OperationTimedOutError' || (name === 'ResponseError' && passing.includes(code)))
    return new UserError(`Cassandra at ${hosts} does not keep up: ${message}`, {
      hint: 'run the command again once it does; --max-writes-per-second goes easier on it',
      cause: error,
    })
  if (code === Code.unauthorized) return wrong(`Cassandra at ${hosts} does not allow it: ${message}`, error)
  return name === 'ResponseError' ? refused(hosts, message, error) : error
}

const refused = (hosts: string, message: string, cause: unknown): UserError =>
  new UserError(`Cassandra at ${hosts} refuses: ${message}`, {
    hint: 'run the command again; if a table is missing, --create-schema makes it',
    cause,
  })

function wordConnection(error: unknown, hosts: string): UserError {
  const [host, reason] = Object.entries(innerErrors(error))[0] ?? []
  if (!reason && /resolved/.test(errorMessage(error)))
    return wrong(`unknown host: none of ${hosts} has an address`, error)
  if (!reason) throw error
  if (reason.name === 'AuthenticationError') return badLogin(host, error)
  if ((reason as DriverError).code === Code.unprepared)
    return refused(host, 'it has forgotten a statement, as it does where a table is dropped', error)
  return noAnswer(hosts, errorMessage(reason), error)
}

const noAnswer = (hosts: string, reason: string, cause: unknown): UserError =>
  new UserError(`no Cassandra answers at ${hosts}: ${reason}`, { hint: 'run the command again once it does', cause })

const badLogin = (host: string, cause: unknown): UserError =>
  wrong(`Cassandra at ${host} refuses the login`, cause, 'give CASSANDRA_USERNAME and CASSANDRA_PASSWORD')

const wrong = (message: string, cause: unknown, hint?: string): UserError =>
  new UserError(message, { exitCode: ExitCode.usage, hint, cause })

const asDriverError = (error: unknown): Pick<DriverError, 'name' | 'code' | 'message' | 'isSocketError'> =>
  error instanceof Error ? (error as DriverError) : { name: '', message: '' }

const innerErrors = (error: unknown): Readonly<Record<string, Error>> => (error as DriverError).innerErrors ?? {}
