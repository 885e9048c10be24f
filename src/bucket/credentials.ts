import { usageError } from '../util/errors.ts'
import type { AwsCredentials } from './aws.ts'
import type { SwiftAccount } from './swift-auth.ts'

/** Values by the names that OpenStack's, Amazon's and Blueflood's own tools give them. */
export type Credentials = Readonly<Record<string, string | undefined>>

export interface SwiftPlace {
  /** Host and port of the identity service; empty to take it from the credentials. */
  readonly authHost: string
  readonly region?: string
}

/**
 * The account of Swift that the credentials tell: Keystone v3 (`OS_*`), v1 (`ST_*`), or Cloud Files (`CLOUDFILES_*`), whichever
 * is there first.
 */
export function swiftAccount(credentials: Credentials, place: SwiftPlace): SwiftAccount {
  if (credentials.OS_USERNAME) return keystone(credentials, place)
  if (credentials.ST_USER) return swiftV1(credentials, place)
  if (credentials.CLOUDFILES_USER) return cloudFiles(credentials, place)
  throw usageError(
    'no credentials for Swift',
    'set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME, or ST_AUTH, ST_USER and ST_KEY, or CLOUDFILES_USER and CLOUDFILES_KEY',
  )
}

function keystone(credentials: Credentials, { authHost, region }: SwiftPlace): SwiftAccount {
  const given = authHost ? `${schemeOf(authHost)}://${authHost}` : need(credentials, 'OS_AUTH_URL')
  return {
    protocol: 'keystone',
    authUrl: /\/v3\/?$/.test(given) ? given : `${given.replace(/\/+$/, '')}/v3`,
    user: need(credentials, 'OS_USERNAME'),
    key: need(credentials, 'OS_PASSWORD'),
    userDomain: credentials.OS_USER_DOMAIN_NAME,
    project: need(credentials, 'OS_PROJECT_NAME'),
    projectDomain: credentials.OS_PROJECT_DOMAIN_NAME,
    region: region ?? credentials.OS_REGION_NAME,
  }
}

function swiftV1(credentials: Credentials, { authHost }: SwiftPlace): SwiftAccount {
  return {
    protocol: 'v1',
    authUrl: authHost ? `${schemeOf(authHost)}://${authHost}/auth/v1.0` : need(credentials, 'ST_AUTH'),
    user: need(credentials, 'ST_USER'),
    key: need(credentials, 'ST_KEY'),
  }
}

const rackspaceIdentity: Readonly<Record<string, string>> = {
  'cloudfiles-us': 'https://identity.api.rackspacecloud.com/v2.0',
  'cloudfiles-uk': 'https://lon.identity.api.rackspacecloud.com/v2.0',
}

function cloudFiles(credentials: Credentials, { authHost, region }: SwiftPlace): SwiftAccount {
  const provider = credentials.CLOUDFILES_PROVIDER || 'cloudfiles-us'
  const authUrl = authHost ? `${schemeOf(authHost)}://${authHost}/v2.0` : rackspaceIdentity[provider]
  if (!authUrl)
    throw usageError(
      `unknown CLOUDFILES_PROVIDER: expected ${Object.keys(rackspaceIdentity).join(' or ')}, got ${provider}`,
    )
  return {
    protocol: 'rackspace',
    authUrl,
    user: need(credentials, 'CLOUDFILES_USER'),
    key: need(credentials, 'CLOUDFILES_KEY'),
    region: region ?? credentials.CLOUDFILES_ZONE,
  }
}

/** What S3 needs besides the bucket; parameters of the location go before the environment. */
export function s3Settings(
  credentials: Credentials,
  given: { readonly endpoint?: string; readonly region?: string },
): { endpoint?: string; region?: string; keys?: AwsCredentials } {
  const endpoint = given.endpoint ?? (credentials.AWS_ENDPOINT_URL_S3 || credentials.AWS_ENDPOINT_URL || undefined)
  // Services other than Amazon's take any region, but the signature needs one.
  const elsewhere = endpoint === undefined ? undefined : 'us-east-1'
  const region = given.region ?? (credentials.AWS_REGION || credentials.AWS_DEFAULT_REGION || elsewhere)
  return { endpoint, region, keys: awsKeys(credentials) }
}

/** The keys of AWS that the environment holds, if it does. */
export function awsKeys(env: Credentials): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN } : undefined
}

function need(credentials: Credentials, name: string): string {
  const value = credentials[name]
  if (value) return value
  throw usageError(`no credentials for Swift: ${name} is not set`)
}

/** Plain HTTP only to this machine: a password must not cross a network in the open. */
const schemeOf = (host: string): string =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host) ? 'http' : 'https'
