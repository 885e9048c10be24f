import type { GetObjectCommandInput, GetObjectCommandOutput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import type { Clock } from '../util/clock.ts'
import { usageError } from '../util/errors.ts'
import { type AwsCredentials, awsError, statusOf } from './aws.ts'
import { type GetOptions, type ListOptions, ObjectChanged, ObjectMissing } from './bucket.ts'
import type { Content, Page, PagedBucket } from './pages.ts'

export interface S3Options {
  /** What the bucket is called in messages. */
  readonly url: string
  readonly bucket: string
  /** What every key begins with; names are told without it. */
  readonly prefix?: string
  readonly region?: string
  /** Of a service other than Amazon's: MinIO, Ceph, R2 … */
  readonly endpoint?: string
  /** Whether the bucket stands in the path instead of the host name. */
  readonly pathStyle?: boolean
  /** Requests without a signature, for public buckets. */
  readonly anonymous?: boolean
  /** Left out, the SDK's own chain finds them: profiles, roles, single sign-on. */
  readonly credentials?: AwsCredentials
  readonly clock: Clock
}

/** A bucket of S3 or of a service that speaks its protocol. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
export function s3Bucket(options: S3Options): PagedBucket {
  const { url, bucket: Bucket, prefix: root = '' } = options
  let loaded: ReturnType<typeof loadSdk> | undefined
  const sdk = () => {
    loaded ??= loadSdk(options)
    return loaded
  }

  return {
    url,

    async page({ prefix = '', after, signal }: ListOptions): Promise<Page> {
      const { client, ListObjectsV2Command } = await sdk()
      const StartAfter = after === undefined ? undefined : root + after
      const command = new ListObjectsV2Command({ Bucket, Prefix: root + prefix, StartAfter, EncodingType: 'url' })
      const answer = await client
        .send(command, { abortSignal: signal })
        .catch((error) => fail(error, { options, signal }))
      // Not every service knows the encoding that it was asked for.
      const nameOf = answer.EncodingType === 'url' ? decodeKey : String
      const objects = (answer.Contents ?? []).map(({ Key = '', Size = 0, ETag = '' }) => {
        return { name: nameOf(Key).slice(root.length), size: Size, etag: unquoted(ETag) }
      })
      return { objects, more: answer.IsTruncated === true }
    },

    async get(name: string, { offset = 0, ifMatch, signal }: GetOptions = {}): Promise<Content> {
      const { client, GetObjectCommand } = await sdk()
      const input: GetObjectCommandInput = { Bucket, Key: root + name }
      if (offset > 0) input.Range = `bytes=${offset}-`
      if (ifMatch !== undefined) input.IfMatch = `"${ifMatch}"`
      const answer = await client
        .send(new GetObjectCommand(input), { abortSignal: signal })
        .catch((error) => fail(error, { options, name, signal }))
      if (offset > 0 && !answer.ContentRange) throw new ObjectChanged(`${url} does not answer ranges`)
      return content(answer, bytesOf(answer, { options, name, signal }))
    },
  }
}

async function loadSdk(options: S3Options) {
  const { S3Client, ListObjectsV2Command, GetObjectCommand } = await import('@aws-sdk/client-s3')
  return { client: new S3Client(clientConfig(options)) as S3Client, ListObjectsV2Command, GetObjectCommand }
}

function clientConfig({ region, endpoint, pathStyle, anonymous, credentials }: S3Options): S3ClientConfig {
  const config: S3ClientConfig = {
    endpoint,
    forcePathStyle: pathStyle,
    credentials: anonymous ? { accessKeyId: '', secretAccessKey: '' } : credentials,
    // Attempts are this tool's own affair, and so are checksums: other services do not all know Amazon's.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: true,
  }
  if (region !== undefined) config.region = region
  if (anonymous) config.signer = { sign: async (request) => request }
  return config
}

interface Call {
  readonly options: S3Options
  readonly name?: string
  readonly signal?: AbortSignal
}

async function* bytesOf({ Body }: GetObjectCommandOutput, call: Call): AsyncGenerator<Uint8Array> {
  try {
    yield* Body as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    fail(error, call)
  }
}

function content(answer: GetObjectCommandOutput, bytes: AsyncIterable<Uint8Array>): Content {
  const { ContentRange, ContentLength = 0, ETag = '', ServerSideEncryption = 'AES256', SSECustomerAlgorithm } = answer
  const etag = unquoted(ETag)
  const size = ContentRange ? Number(ContentRange.split('/')[1]) : ContentLength
  // Of objects in parts, or encrypted with keys of one's own, the ETag is no digest of the content.
  const isMd5 = /^[0-9a-f]{32}$/.test(etag) && ServerSideEncryption === 'AES256' && !SSECustomerAlgorithm
  return { bytes, size, etag, md5: isMd5 ? etag : undefined }
}

/** Throws what an error of the SDK means here. */
function fail(error: unknown, { options: { url, clock }, name, signal }: Call): never {
  if (signal?.aborted) throw signal.reason
  const status = statusOf(error)
  if (error instanceof Error && error.name === 'NoSuchBucket') throw usageError(`bucket not found: ${url}`)
  if (status === 404) throw new ObjectMissing(`${name} is not in ${url}`)
  if (error instanceof Error && error.name === 'InvalidObjectState')
    throw new ObjectMissing(`${name} in ${url} is in cold storage: restore it first`)
  if (status === 412 || status === 416) throw new ObjectChanged(`${name} in ${url} has changed`)
  throw awsError(error, { service: url, now: clock.now() })
}

/** Keys are listed in URL encoding, so that XML can carry all of them. */
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))

const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '')
