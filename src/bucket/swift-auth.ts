import { usageError } from '../util/errors.ts'
import { answerError, discard, type HttpAnswer, type HttpRequest, jsonOf, send } from './http.ts'

/** Where the containers of an account lie, and the token that opens them for some hours. */
export interface SwiftSession {
  /** Without a slash at the end. */
  readonly storageUrl: string
  readonly token: string
}

/** Logs in anew. Rejects with a usage error where the credentials are refused, with {@link Transient} where it is worth another try. */
export type SwiftLogin = (signal?: AbortSignal) => Promise<SwiftSession>

/** Who logs in, and by which protocol. */
export type SwiftAccount =
  | ({ readonly protocol: 'v1' } & PasswordOptions)
  | ({ readonly protocol: 'rackspace' } & RackspaceOptions)
  | ({ readonly protocol: 'keystone' } & KeystoneOptions)

export function swiftLogin(account: SwiftAccount): SwiftLogin {
  if (account.protocol === 'v1') return swiftV1Login(account)
  if (account.protocol === 'rackspace') return rackspaceLogin(account)
  return keystoneLogin(account)
}

interface PasswordOptions {
  readonly authUrl: string
  readonly user: string
  readonly key: string
}

/** Swift's own v1 auth: user and key in headers. https://docs.openstack.org/swift/latest/api/object_api_v1_overview.html */
function swiftV1Login({ authUrl, user, key }: PasswordOptions): SwiftLogin {
  return async (signal) => {
    const request = { url: authUrl, headers: { 'X-Auth-User': user, 'X-Auth-Key': key }, signal }
    const answer = await accepted(request)
    discard(answer)
    return session(authUrl, header(answer, 'x-storage-url'), header(answer, 'x-auth-token'))
  }
}

interface RackspaceOptions extends PasswordOptions {
  /** The zone whose endpoint is taken, such as IAD; the only one there is where it is left out. */
  readonly region?: string
}

/** Identity v2 with an API key, as Rackspace has it; `authUrl` ends in `/v2.0`. https://docs.rackspace.com/docs/cloud-identity */
function rackspaceLogin({ authUrl, user, key, region }: RackspaceOptions): SwiftLogin {
  const body = { auth: { 'RAX-KSKEY:apiKeyCredentials': { username: user, apiKey: key } } }
  return async (signal) => {
    const request = jsonRequest(`${withoutSlash(authUrl)}/tokens`, body, signal)
    const { access } = (await jsonOf(await accepted(request), request)) as RackspaceAnswer
    const endpoints = access?.serviceCatalog?.find(({ type }) => type === 'object-store')?.endpoints ?? []
    const urls = endpoints.map(({ region, publicURL }) => ({ region, url: publicURL }))
    return session(authUrl, endpointOf(urls, region), access?.token?.id)
  }
}

interface RackspaceAnswer {
  readonly access?: {
    readonly token?: { readonly id?: string }
    readonly serviceCatalog?: readonly {
      readonly type?: string
      readonly endpoints?: readonly { readonly region?: string; readonly publicURL?: string }[]
    }[]
  }
}

interface KeystoneOptions extends RackspaceOptions {
  readonly userDomain?: string
  readonly project: string
  readonly projectDomain?: string
}

/** OpenStack Identity v3 with a password, scoped to a project. https://docs.openstack.org/api-ref/identity/v3/ */
function keystoneLogin(options: KeystoneOptions): SwiftLogin {
  const { authUrl, user, key, userDomain = 'Default', project, projectDomain = userDomain, region } = options
  const password = { user: { name: user, domain: { name: userDomain }, password: key } }
  const scope = { project: { name: project, domain: { name: projectDomain } } }
  const body = { auth: { identity: { methods: ['password'], password }, scope } }
  return async (signal) => {
    const request = jsonRequest(`${withoutSlash(authUrl)}/auth/tokens`, body, signal)
    const answer = await accepted(request)
    const { token } = (await jsonOf(answer, request)) as KeystoneAnswer
    const endpoints = token?.catalog?.find(({ type }) => type === 'object-store')?.endpoints ?? []
    const open = endpoints.filter((endpoint) => endpoint.interface === 'public')
    return session(authUrl, endpointOf(open, region), header(answer, 'x-subject-token'))
  }
}

interface KeystoneAnswer {
  readonly token?: {
    readonly catalog?: readonly {
      readonly type?: string
      readonly endpoints?: readonly {
        readonly interface?: string
        readonly region?: string
        readonly url?: string
      }[]
    }[]
  }
}

const jsonRequest = (url: string, body: unknown, signal?: AbortSignal): HttpRequest => ({
  url,
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
  body: JSON.stringify(body),
  signal,
})

async function accepted(request: HttpRequest): Promise<HttpAnswer> {
  const answer = await send(request)
  if (answer.status >= 200 && answer.status < 300) return answer
  discard(answer)
  if (answer.status !== 401 && answer.status !== 403) throw answerError(answer, request.url, Date.now())
  throw usageError(`credentials refused by ${request.url}: it answered ${answer.status}`, 'check user and key')
}

function endpointOf(endpoints: readonly { region?: string; url?: string }[], region?: string): string | undefined {
  const regions = endpoints.map((endpoint) => endpoint.region ?? '')
  const wanted = endpoints.filter((endpoint) => region === undefined || sameText(endpoint.region, region))
  if (wanted.length === 1) return wanted[0].url
  if (endpoints.length === 0) return undefined
  throw usageError(
    region === undefined
      ? 'the account has object storage in several regions'
      : `no object storage in region ${region}`,
    `choose one of ${regions.join(', ')}`,
  )
}

const sameText = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase()

function session(authUrl: string, storageUrl?: string, token?: string): SwiftSession {
  if (!storageUrl) throw usageError(`${authUrl} names no object storage for this account`)
  if (!token) throw usageError(`${authUrl} gave no token`)
  return { storageUrl: withoutSlash(storageUrl), token }
}

const header = ({ headers }: HttpAnswer, name: string): string | undefined => headers[name]?.toString()

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')
