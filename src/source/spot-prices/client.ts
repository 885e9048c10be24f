import type { DescribeSpotPriceHistoryRequest, EC2Client, SpotPrice } from '@aws-sdk/client-ec2'
import { type AwsPlace, awsConfig, awsError } from '../../bucket/aws.ts'
import type { Caller } from '../../bucket/caller.ts'
import { UserError } from '../../util/errors.ts'

export interface PriceHistoryOptions extends AwsPlace {
  readonly caller: Caller
  now(): number
}

/** Reads rows of DescribeSpotPriceHistory, in the order of the service: the newest first, and one from before the start of each market. */
export type PriceHistory = (input: DescribeSpotPriceHistoryRequest, signal?: AbortSignal) => AsyncIterable<SpotPrice>

type Sdk = typeof import('@aws-sdk/client-ec2') & { readonly client: EC2Client }

/** Empty pages in a row after which there is no hope for another one. */
const patience = 50

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html */
export function priceHistory(options: PriceHistoryOptions): PriceHistory {
  const { caller, now } = options
  let loaded: Promise<Sdk> | undefined
  return async function* (input, signal) {
    loaded ??= loadSdk(options)
    const { client, DescribeSpotPriceHistoryCommand } = await loaded
    const seen = new Set<string>()
    let empty = 0
    for (let token: string | undefined; ; ) {
      const command = new DescribeSpotPriceHistoryCommand({ ...input, MaxResults: 1_000, NextToken: token })
      const attempt = (abortSignal: AbortSignal) =>
        client.send(command, { abortSignal }).catch((error) => {
          throw awsError(error, { service: 'EC2', now: now() })
        })
      const { SpotPriceHistory: rows = [], NextToken } = await caller.call(attempt, signal)
      yield* rows
      // An empty token ends the list just as none does.
      if (!NextToken) return
      empty = rows.length === 0 ? empty + 1 : 0
      if (seen.has(NextToken) || empty > patience) throw new UserError('EC2 gives page after page without end')
      seen.add(NextToken)
      token = NextToken
    }
  }
}

async function loadSdk(options: PriceHistoryOptions): Promise<Sdk> {
  const sdk = await import('@aws-sdk/client-ec2')
  return { ...sdk, client: new sdk.EC2Client(awsConfig(options, options.caller.took)) }
}
