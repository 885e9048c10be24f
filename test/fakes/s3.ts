import type { IncomingHttpHeaders } from 'node:http'
import { type FakeServer, serve } from './http-server.ts'
import { md5 } from './swift.ts'

export interface PublicS3 extends FakeServer {
  /** The headers of every request. */
  readonly requests: IncomingHttpHeaders[]
}

const pageSize = 7

const etags = {
  plain: md5,
  'in parts': (content: Uint8Array) => `${md5(content)}-2`,
  encrypted: (content: Uint8Array) => md5(content.toReversed()),
}

/**
 * A public bucket after Amazon's API documents, for what no server that runs here offers: requests need no signature, and one whose keys
 * it does not know is refused.
 * @param kind what an ETag is: of an object that came in parts, or is encrypted with a key of one's own, it is no MD5
 * @param encodes whether keys are listed in URL encoding, as whoever asks wants it: services other than Amazon's do not all know that
 */
export async function startPublicS3(
  objects: ReadonlyMap<string, Uint8Array>,
  kind: keyof typeof etags = 'plain',
  encodes = true,
): Promise<PublicS3> {
  const etagOf = etags[kind]
  const encryption = { 'x-amz-server-side-encryption': kind === 'encrypted' ? 'aws:kms' : 'AES256' }
  const requests: IncomingHttpHeaders[] = []
  const server = await serve((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://s3')
    requests.push(request.headers)
    const xml = (status: number, body: string) =>
      void response
        .writeHead(status, { 'Content-Type': 'application/xml' })
        .end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`)
    if (request.headers.authorization)
      return xml(403, '<Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>')
    if (query.get('list-type') === '2') return xml(200, listing([...objects], query, { etagOf, encodes }))
    const content = objects.get(decodeURIComponent(pathname.split('/').slice(2).join('/')))
    if (!content) return xml(404, '<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>')
    response
      .writeHead(200, { ...encryption, 'Content-Length': content.length, ETag: `"${etagOf(content)}"` })
      .end(content)
  })
  return { ...server, requests }
}

function listing(
  objects: readonly (readonly [string, Uint8Array])[],
  query: URLSearchParams,
  { etagOf, encodes }: { etagOf: (content: Uint8Array) => string; encodes: boolean },
): string {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? '']
  const found = objects.filter(([name]) => name.startsWith(prefix) && name > after).sort()
  const contents = found.slice(0, pageSize).map(
    ([name, content]) => `<Contents><Key>${encodes ? encodeURIComponent(name) : name}</Key>
      <ETag>&quot;${etagOf(content)}&quot;</ETag><Size>${content.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  return `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${encodes ? '<EncodingType>url</EncodingType>' : ''}
    <IsTruncated>${found.length > pageSize}</IsTruncated>${contents.join('')}</ListBucketResult>`
}
