import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { run } from '../../services/support.ts'

export interface TlsProxy {
  readonly host: string
  /** The file of the certificate that the proxy shows. */
  readonly authority: string
  close(): Promise<void>
}

/** Takes encrypted connections for a server that does not. */
export async function startTlsProxy(host: string, folder: string): Promise<TlsProxy> {
  const [key, authority] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', authority, ...subject])
  const [address, port] = host.split(':')
  const sockets = new Set<Socket>()
  const server = createServer({ key: readFileSync(key), cert: readFileSync(authority) }, (client) => {
    const upstream = connect(Number(port), address)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
