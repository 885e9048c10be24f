import type {
  CloudWatchClient,
  GetMetricDataInput,
  GetMetricDataOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MessageData,
} from '@aws-sdk/client-cloudwatch'
import { type AwsPlace, awsConfig, awsError } from '../../bucket/aws.ts'
import { Transient } from '../../bucket/bucket.ts'
import type { Caller } from '../../bucket/caller.ts'
import { UserError } from '../../util/errors.ts'

export interface MetricsApiOptions extends AwsPlace {
  readonly caller: Caller
  now(): number
}

/** The requests that the source makes. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */
export interface MetricsApi {
  listMetrics(input: ListMetricsInput, signal?: AbortSignal): AsyncIterable<ListMetricsOutput>
  getMetricData(input: GetMetricDataInput, signal?: AbortSignal): AsyncIterable<GetMetricDataOutput>
}

type Sdk = typeof import('@aws-sdk/client-cloudwatch') & { readonly client: CloudWatchClient }

/** CloudWatch's API, politely; the SDK is loaded for the first request. */
export function metricsApi(options: MetricsApiOptions): MetricsApi {
  const { caller, now } = options
  let loaded: Promise<Sdk> | undefined
  const send = async <Answer>(request: (sdk: Sdk, signal: AbortSignal) => Promise<Answer>, signal?: AbortSignal) => {
    loaded ??= loadSdk(options)
    const sdk = await loaded
    const attempt = (inner: AbortSignal) =>
      request(sdk, inner).catch((error) => {
        throw awsError(error, { service: 'CloudWatch', now: now() })
      })
    return caller.call(attempt, signal)
  }
  return {
    listMetrics: (input, signal) =>
      pages((NextToken) =>
        send(({ client, ListMetricsCommand }, abortSignal) => {
          return client.send(new ListMetricsCommand({ ...input, NextToken }), { abortSignal })
        }, signal),
      ),
    getMetricData: (input, signal) =>
      pages((NextToken) =>
        send(async ({ client, GetMetricDataCommand }, abortSignal) => {
          return requireServed(await client.send(new GetMetricDataCommand({ ...input, NextToken }), { abortSignal }))
        }, signal),
      ),
  }
}

/** An answer may say inside that the service has failed on a metric: then it is asked for again. */
function requireServed(answer: GetMetricDataOutput): GetMetricDataOutput {
  const failed = answer.MetricDataResults?.find(({ StatusCode }) => StatusCode === 'InternalError')
  if (!failed) return answer
  throw new Transient(
    'server',
    [`CloudWatch failed on ${failed.Label}`, textOf(failed.Messages)].filter(Boolean).join(': '),
  )
}

/** What messages of an answer say. */
export const textOf = (messages: readonly MessageData[] = []): string =>
  messages.map(({ Code, Value }) => `${Code}: ${Value}`).join(', ')

async function loadSdk(options: MetricsApiOptions): Promise<Sdk> {
  const sdk = await import('@aws-sdk/client-cloudwatch')
  return { ...sdk, client: new sdk.CloudWatchClient(awsConfig(options, options.caller.took)) }
}

/** Page after page, empty ones too; one that leads to itself would have no end. */
async function* pages<Page extends { NextToken?: string }>(
  next: (token: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>()
  let token: string | undefined
  do {
    const page = await next(token)
    yield page
    token = page.NextToken || undefined
    if (token !== undefined && seen.has(token)) throw new UserError('CloudWatch gives the same page again and again')
    if (token !== undefined) seen.add(token)
  } while (token !== undefined)
}
