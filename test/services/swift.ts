import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { cacheFolder, endProcess, freePorts, oneAtATime, run, type Server, startProcess, waitUntil } from './support.ts'

/** OpenStack Swift, which speaks its own protocol and, at the same address, S3. */
export interface SwiftServer extends Server {
  readonly authUrl: string
  readonly user: string
  readonly key: string
}

const packages = ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached']

/** Starts a Swift of one node on free ports of 127.0.0.1, with Debian's packages. */
export async function startSwift(): Promise<SwiftServer> {
  await oneAtATime('swift', install)
  const folder = await mkdtemp(join(cacheFolder('swift'), 'node-'))
  const [proxy, object, container, account, memcached] = await freePorts(5)
  const ports = { proxy, object, container, account, memcached }
  await configure(folder, ports)

  const processes = [
    startProcess(memcachedCommand(memcached), join(folder, 'memcached.log')),
    ...['account', 'container', 'object', 'proxy'].map((name) =>
      startProcess([`swift-${name}-server`, join(folder, `${name}-server.conf`)], join(folder, `${name}.log`)),
    ),
  ]
  const end = async (signal: NodeJS.Signals) => {
    await Promise.all(processes.map((child) => endProcess(child, signal)))
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${proxy}`
  const [user, key] = ['test:tester', 'testing']
  const authUrl = `${url}/auth/v1.0`
  try {
    await waitUntil(() => makeContainer(authUrl, { user, key }), 120_000)
  } catch (error) {
    await end('SIGKILL')
    throw error
  }
  return { url, authUrl, user, key, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

async function install(): Promise<void> {
  if (existsSync('/usr/bin/swift-proxy-server') && existsSync('/usr/bin/memcached')) return
  const sudo = userInfo().uid === 0 ? [] : ['sudo', '-n']
  const apt = (...args: string[]) => {
    const wait = ['-o', 'DPkg::Lock::Timeout=300']
    const [file, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...wait, ...args]
    return run(file, rest, { maxBuffer: 2 ** 26 })
  }
  await apt('update')
  await apt('install', '-y', '--no-install-recommends', ...packages)
}

function memcachedCommand(port: number): string[] {
  const user = userInfo().uid === 0 ? ['-u', 'nobody'] : []
  return ['memcached', ...user, '-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64']
}

type Ports = Readonly<Record<'proxy' | 'object' | 'container' | 'account' | 'memcached', number>>

async function configure(folder: string, ports: Ports): Promise<void> {
  await chmod(folder, 0o755)
  await mkdir(join(folder, 'dev/d1'), { recursive: true })
  await writeFile(join(folder, 'swift.conf'), swiftConf)
  await writeFile(join(folder, 'proxy-server.conf'), common(folder, ports.proxy) + proxyConf(ports.memcached))
  for (const name of ['object', 'container', 'account'] as const) {
    const pipeline = `[pipeline:main]\npipeline = ${name}-server\n[app:${name}-server]\nuse = egg:swift#${name}\n`
    await writeFile(join(folder, `${name}-server.conf`), common(folder, ports[name]) + pipeline)
  }
  const { object, container, account } = ports
  await run('/usr/bin/python3', ['-c', buildRings, folder, JSON.stringify({ object, container, account })])
}

// Pages as long as Swift's own 10,000 would make every test's listing a single one.
const swiftConf = `[swift-hash]
swift_hash_path_prefix = test
swift_hash_path_suffix = test
[storage-policy:0]
name = Policy-0
default = yes
policy_type = replication
[swift-constraints]
container_listing_limit = 900
`

const common = (folder: string, port: number): string => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
devices = ${folder}/dev
mount_check = false
disable_fallocate = true
log_address = ${folder}/none
log_level = WARNING
eventlet_debug = false
`

const proxyConf = (memcached: number): string => `[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats s3api tempauth slo dlo proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
token_life = 86400
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
[filter:proxy-logging]
use = egg:swift#proxy_logging
${['listing_formats', 'healthcheck', 'catch_errors', 'gatekeeper', 'slo', 'dlo']
  .map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`)
  .join('')}`

const buildRings = `
import json, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for name, port in ports.items():
    builder = RingBuilder(4, 1, 1)
    builder.add_dev(dict(id=0, region=1, zone=1, weight=1.0, ip='127.0.0.1', port=port, device='d1',
                         replication_ip='127.0.0.1', replication_port=port, meta=''))
    builder.rebalance()
    builder.get_ring().save(f'{folder}/{name}.ring.gz')
`

/** Succeeds once every part of the node works. */
async function makeContainer(authUrl: string, { user, key }: { user: string; key: string }): Promise<void> {
  const auth = await fetch(authUrl, { headers: { 'X-Auth-User': user, 'X-Auth-Key': key } })
  const [storage, token] = [auth.headers.get('x-storage-url'), auth.headers.get('x-auth-token')]
  const made = await fetch(`${storage}/ready`, { method: 'PUT', headers: { 'X-Auth-Token': token ?? '' } })
  if (!made.ok) throw new Error(`swift is not ready: ${auth.status}, ${made.status}`)
}
