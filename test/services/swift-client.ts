import { waitUntil } from './support.ts'
import type { SwiftServer } from './swift.ts'

/** Fills containers of a Swift server, past the driver under test. */
export interface SwiftClient {
  readonly account: { readonly storageUrl: string; readonly token: string }
  makeContainer(name: string): Promise<void>
  put(container: string, name: string, content: Uint8Array): Promise<void>
  remove(container: string, name: string): Promise<void>
  /** Makes an object of others, given by their paths below the account. */
  putManifest(container: string, name: string, parts: readonly string[]): Promise<void>
}

export async function swiftClient({ authUrl, user, key }: SwiftServer): Promise<SwiftClient> {
  const auth = await fetch(authUrl, { headers: { 'X-Auth-User': user, 'X-Auth-Key': key } })
  const token = auth.headers.get('x-auth-token') ?? ''
  const storage = auth.headers.get('x-storage-url') ?? ''
  const send = async (method: string, path: string, body?: Uint8Array, query = '') => {
    const url = `${storage}/${path.split('/').map(encodeURIComponent).join('/')}${query}`
    const ask = async () => {
      const answer = await fetch(url, { method, headers: { 'X-Auth-Token': token }, body: body as Buffer<ArrayBuffer> })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`)
    }
    // On a busy machine Swift answers 503 where a part of it takes too long.
    await waitUntil(ask, 30_000)
  }
  return {
    account: { storageUrl: storage, token },
    makeContainer: (name) => send('PUT', name),
    put: (container, name, content) => send('PUT', `${container}/${name}`, content),
    remove: (container, name) => send('DELETE', `${container}/${name}`),
    putManifest: (container, name, parts) => {
      const manifest = Buffer.from(JSON.stringify(parts.map((path) => ({ path }))))
      return send('PUT', `${container}/${name}`, manifest, '?multipart-manifest=put')
    },
  }
}
