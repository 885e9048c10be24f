import { collect } from '../util/bytes.ts'
import { errorCode, errorMessage, UserError, usageError } from '../util/errors.ts'
import { TooLarge, Transient } from './bucket.ts'
import { isThrottling, parseRetryAfter } from './http.ts'

/** Where a service of AWS, or of one that speaks its protocol, is. */
export interface AwsPlace {
  readonly region?: string
  readonly endpoint?: string
  /** Left out, the SDK's own chain finds them: environment, profiles, roles, single sign-on. */
  readonly credentials?: AwsCredentials
}

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What every client of the SDK is made with: attempts are this tool's own affair. `took` is told of the bytes of every answer. */
export function awsConfig({ region, endpoint, credentials }: AwsPlace, took?: (gain: { bytes: number }) => void) {
  // Services other than Amazon's take any region, but the signature needs one.
  const where = region ?? (endpoint === undefined ? undefined : 'us-east-1')
  const streamCollector = async (stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
    const body = await collect(stream)
    took?.({ bytes: body.length })
    return body
  }
  return {
    maxAttempts: 1,
    endpoint,
    credentials,
    ...(where !== undefined && { region: where }),
    ...(took && { streamCollector }),
  }
}

/**
 * What an error of the SDK means: {@link Transient} where the same request may succeed later, {@link TooLarge}, else what the service says as an
 * error for people; the error itself where no service said it. AWS tells by codes; throttling often comes as HTTP 400.
 */
export function awsError(error: unknown, { service, now }: { service: string; now: number }): unknown {
  if (error instanceof Transient) return error
  const status = statusOf(error)
  const code = error instanceof Error ? error.name : ''
  const message = `${service}: ${code} ${said(error)}`.trim()
  const transient = (reason: 'throttled' | 'server' | 'connection') =>
    new Transient(reason, message, { retryAfter: parseRetryAfter(retryAfterOf(error), now), cause: error })
  if (isThrottling(status) || throttlingCodes.test(code)) return transient('throttled')
  if (/Deserialization|parse error|SyntaxError|Unexpected (end|token)/i.test(message)) return transient('server')
  if (status >= 500 || status === 408 || passingCodes.test(code)) return transient('server')
  // The SDK learns the service's time from such an answer and signs the next request with it.
  if (/TimeTooSkewed|RequestExpired/.test(code) || /Signature (expired|not yet current)/.test(message))
    return transient('server')
  if (status === 401 || status === 403 || deniedCodes.test(code))
    return usageError(`access denied: ${message}`, 'check the credentials and the region')
  if (/Credentials|Region is missing/i.test(message))
    return usageError(message, 'set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or a profile')
  if (status === 413 || largeCodes.test(code) || isTooLarge.test(message))
    return new TooLarge(message, { cause: error })
  if (status === 301 || mistakeCodes.test(code))
    return usageError(message, 'check the options, the region and the endpoint')
  if (status > 0) return new UserError(message, { cause: error })
  return isConnectionProblem(error) ? transient('connection') : error
}

/** What an error says, without the request that it may repeat: that holds the session's token. */
const said = (error: unknown): string => errorMessage(error).replace(/\s*The Canonical String .*/s, '')

const throttlingCodes = /^SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded/
const passingCodes = /^(RequestTimeout|InternalServerError|InternalFailure|ServiceUnavailable|Unavailable)/
const deniedCodes =
  /^(UnrecognizedClient|ExpiredToken|AccessDenied|InvalidSignature|InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|MissingAuthenticationToken|IncompleteSignature|UnauthorizedOperation)/

const largeCodes = /LimitExceeded|Exceeded(Exception)?$|TooLarge/
const isTooLarge = /exceed(s|ed)? the (\w+ )?(limit|maximum|size)/i
const mistakeCodes =
  /^(Validation|Invalid|Missing|Malformed|Unknown|Unsupported|NoSuch|ResourceNotFound|AuthorizationHeader|BadRequest)/

/** The HTTP status that an error of the SDK comes with, or 0. */
export const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0

const retryAfterOf = (error: unknown): string | undefined =>
  (error as { $response?: { headers?: Record<string, string> } }).$response?.headers?.['retry-after']

const isConnectionProblem = (error: unknown): boolean =>
  errorCode(error) !== undefined ||
  (error instanceof Error && /TimeoutError|aborted|socket/i.test(`${error.name} ${error.message}`))
