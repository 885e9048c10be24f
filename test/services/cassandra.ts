import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import driver from 'cassandra-driver'
import { cacheFolder, endProcess, freePorts, oneAtATime, run, type Server, startProcess, waitUntil } from './support.ts'

/** A Cassandra of one node. */
export interface CassandraServer extends Server {
  /** `127.0.0.1:port`. */
  readonly host: string
  /** Ends it as a loss of power would, but keeps what is on disk. */
  crash(): Promise<void>
  /** Lets it hang: it takes requests and answers none. */
  pause(): void
  resume(): void
  /** Starts it anew, at the same port, with what is on disk. */
  restart(): Promise<void>
}

export interface CassandraOptions {
  /** `batch` (the default) loses nothing of what it has acknowledged when it is killed; `periodic` is fast. */
  readonly commitLog?: 'batch' | 'periodic'
  /** Whether users must give a password and have permissions; the first user is `cassandra`, and so is the password. */
  readonly asksPassword?: boolean
  /** Whether the machine code is made for speed instead of a quick start. */
  readonly isFast?: boolean
}

/** Where the server's own files lie. */
const files = join(import.meta.dirname, 'cassandra')
const jars = () => join(cacheFolder('cassandra'), 'lib')

/** Starts a Cassandra on free ports of 127.0.0.1, with what Maven Central has. */
export async function startCassandra(options: CassandraOptions = {}): Promise<CassandraServer> {
  await run('java', ['-version'])
  await oneAtATime('cassandra', install)
  const folder = await mkdtemp(join(cacheFolder('cassandra'), 'node-'))
  const [port, storagePort] = await freePorts(2)
  await writeFile(join(folder, 'cassandra.yaml'), await configuration(options))
  const command = javaCommand({ folder, port, storagePort, ...options })
  let child: ChildProcess | undefined
  const start = async () => {
    const log = join(folder, 'system.log')
    child = startProcess(command, log)
    await waitUntil(() => answers(port, options), 120_000).catch(async (error) => {
      throw new Error(`${error}\n${(await readFile(log, 'utf8')).slice(-2_000)}`)
    })
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child) await endProcess(child, signal)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  const host = `127.0.0.1:${port}`
  return {
    url: `cassandra://${host}`,
    host,
    // Draining takes seconds, for data that nobody wants.
    stop: () => end('SIGKILL'),
    kill: () => end('SIGKILL'),
    async crash() {
      if (child) await endProcess(child, 'SIGKILL')
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    restart: start,
  }
}

async function install(): Promise<void> {
  const complete = join(jars(), '.complete')
  if (existsSync(complete)) return
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars()}`]
  await run('mvn', ['-B', '-q', '-ntp', '-f', join(files, 'pom.xml'), ...goal], { maxBuffer: 2 ** 26 })
  await writeFile(complete, '')
}

async function configuration({ commitLog = 'batch', asksPassword = false }: CassandraOptions): Promise<string> {
  const sync = { batch: 'commitlog_sync: batch', periodic: 'commitlog_sync: periodic\ncommitlog_sync_period: 1000ms' }
  return (await readFile(join(files, 'cassandra.yaml'), 'utf8'))
    .replace('@COMMITLOG@', sync[commitLog])
    .replace('@AUTHENTICATOR@', asksPassword ? 'PasswordAuthenticator' : 'AllowAllAuthenticator')
    .replace('@AUTHORIZER@', asksPassword ? 'CassandraAuthorizer' : 'AllowAllAuthorizer')
}

interface Node extends CassandraOptions {
  readonly folder: string
  readonly port: number
  readonly storagePort: number
}

const javaCommand = ({ folder, port, storagePort, isFast }: Node): string[] => [
  'java',
  `@${join(files, 'jvm.options')}`,
  ...(isFast ? ['-XX:-UseSerialGC', '-XX:+UseG1GC', '-XX:TieredStopAtLevel=4', '-Xmx1g'] : ['-Xmx512m']),
  '-Xms64m',
  ...Object.entries({
    'cassandra-foreground': 'yes',
    'cassandra.config': `file:${join(folder, 'cassandra.yaml')}`,
    'cassandra.storagedir': folder,
    'cassandra.logdir': folder,
    'cassandra.native_transport_port': port,
    'cassandra.storage_port': storagePort,
    'cassandra.skip_wait_for_gossip_to_settle': 0,
    'cassandra.ring_delay_ms': 1,
    'cassandra.load_ring_state': false,
    'cassandra.shutdown_announce_in_ms': 0,
    'cassandra.superuser_setup_delay_ms': 0,
    'logback.configurationFile': `file:${join(files, 'logback.xml')}`,
  }).map(([name, value]) => `-D${name}=${value}`),
  '-cp',
  `${jars()}/*`,
  'org.apache.cassandra.service.CassandraDaemon',
]

/** Succeeds once it takes requests: the first user is made some time after the port is open. */
async function answers(port: number, { asksPassword }: CassandraOptions): Promise<void> {
  const login = { username: 'cassandra', password: 'cassandra' }
  const client = new driver.Client({
    contactPoints: [`127.0.0.1:${port}`],
    localDataCenter: 'datacenter1',
    credentials: asksPassword ? login : undefined,
  })
  await client.connect().finally(() => client.shutdown())
}
