import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorXml } from '../fakes/ec2.ts'
import { bodyOf, type FakeServer, serve } from '../fakes/http-server.ts'
import { runHere } from '../support/command.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const env = {
  SIGNALFX_API_TOKEN: 't',
  ELASTIC_API_KEY: 'k',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'us-west-2',
}
const times = ['--start-time=2026-01-01', '--end-time=2026-01-01T02:00']

type Answer = readonly [status: number, body: string]
let answer: Answer
let server: FakeServer
beforeAll(async () => {
  server = await serve(async (request, response) => {
    await bodyOf(request)
    const isXml = answer[1].startsWith('<')
    const type = isXml ? 'text/xml' : isEvent(answer[1]) ? 'text/event-stream' : 'application/x-amz-json-1.0'
    response.writeHead(answer[0], { 'Content-Type': type }).end(answer[1])
  })
})
afterAll(() => server.stop())

const isEvent = (body: string) => body.startsWith('event:')
const json = (status: number, __type: string, message = 'the reason'): Answer => [
  status,
  JSON.stringify({ __type: `com.amazonaws#${__type}`, message }),
]
const xml = (status: number, code: string): Answer => [status, errorXml(code)]
const elastic = (status: number, type: string, more = {}): Answer => [
  status,
  JSON.stringify({ error: { root_cause: [{ type, reason: 'the reason', ...more }], type, reason: 'the reason' } }),
]
const event = (type: string, data: unknown): Answer => [200, `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`]
const aborted = (sf_job_abortReason: string): Answer =>
  event('control-message', { event: 'CHANNEL_ABORT', abortInfo: { sf_job_abortState: 'aborted', sf_job_abortReason } })
const limited = event('message', {
  message: { messageCode: 'FIND_LIMITED_RESULT_SET', contents: { matchedSize: 70_000, limitSize: 50_000 } },
})

const commandLines: Record<string, (url: string) => string[]> = {
  signalfx: (url) => ['--from=signalfx', '--metric=m', '-o', `endpoint=${url}`],
  elasticsearch: (url) => ['--from=elasticsearch', '--metric=m', '-o', `node=${url}`, 'index=i'],
  cloudwatch: (url) => ['--from=cloudwatch', '--metric=m', '-o', `endpoint=${url}`, 'namespace=n', 'dimensions=a=b'],
  'spot-prices': (url) => ['--from=spot-prices', '-o', `endpoint=${url}`],
  dynamodb: (url) => [`--from=dynamodb://us-west-2/?endpoint=${url}`],
  'dynamodb as a store': (url) => ['--from=-', `--to=dynamodb://us-west-2/?endpoint=${url}`],
}

type Case = readonly [service: string, answer: Answer, said: RegExp]

/** Where another command is needed: 2, and nothing is tried again. */
const wrong: readonly Case[] = [
  ['signalfx', [401, '{}'], /^error: signalfx does not accept the token: it answered 401\n {2}check the token/],
  ['signalfx', [403, '{}'], /does not accept the token: it answered 403/],
  ['elasticsearch', elastic(401, 'security_exception'), /^error: access denied to i: the reason/],
  ['elasticsearch', elastic(404, 'index_not_found_exception'), /^error: index not found: i/],
  ['elasticsearch', elastic(400, 'parsing_exception'), /^error: i does not understand the query: the reason/],
  ['cloudwatch', json(403, 'AccessDenied'), /^error: access denied: CloudWatch: AccessDenied the reason/],
  ['cloudwatch', json(400, 'InvalidClientTokenId'), /^error: access denied/],
  ['cloudwatch', json(400, 'ValidationError'), /^error: CloudWatch: Validation\w+ the reason\n {2}check the options/],
  ['cloudwatch', json(400, 'InvalidParameterValue'), /^error: CloudWatch: InvalidParameterValueException the reason/],
  ['cloudwatch', json(400, 'InvalidParameterCombination'), /^error: CloudWatch: InvalidParameterCombination/],
  ['cloudwatch', json(400, 'MissingRequiredParameterException'), /^error: CloudWatch: MissingRequiredParameter/],
  ['cloudwatch', json(404, 'ResourceNotFoundException'), /^error: CloudWatch: ResourceNotFoundException the reason/],
  ['spot-prices', xml(401, 'AuthFailure'), /^error: access denied: EC2: AuthFailure no/],
  ['spot-prices', xml(403, 'UnauthorizedOperation'), /^error: access denied: EC2: UnauthorizedOperation/],
  ['spot-prices', xml(400, 'InvalidParameterValue'), /^error: EC2: InvalidParameterValue no\n {2}check the options/],
  ['spot-prices', xml(400, 'UnknownParameter'), /^error: EC2: UnknownParameter no/],
  ['dynamodb', json(400, 'UnrecognizedClientException'), /^error: access denied: DynamoDB table \S+: Unrecog/],
  ['dynamodb as a store', json(400, 'ResourceNotFoundException'), /^error: table not found: /m],
  ['dynamodb as a store', json(400, 'AccessDeniedException'), /^error: access denied: DynamoDB table/m],
]

/** Where the same command may fare better, or a part of the range cannot be had: 3, and the part is named. */
const undone: readonly Case[] = [
  ['signalfx', [404, '{"message":"what?"}'], /signalfx refused the program: what\?/],
  [
    'signalfx',
    event('error', { errors: [{ code: 'ANALYTICS_PROGRAM_NAME_ERROR' }] }),
    /cannot run the program: .*NAME/,
  ],
  ['signalfx', event('error', { error: 500, message: 'oh' }), /signalfx failed: oh/],
  ['signalfx', event('error', { error: 429, message: 'later' }), /signalfx refuses for now: later/],
  ['signalfx', aborted('the organisation is gone'), /signalfx aborted the computation: the organisation is gone/],
  ['signalfx', [429, '{}'], /answered 429/],
  ['signalfx', [502, ''], /answered 502/],
  ['elasticsearch', elastic(429, 'es_rejected_execution_exception'), /answered 429/],
  ['elasticsearch', elastic(500, 'search_phase_execution_exception'), /answered 500/],
  ['cloudwatch', json(400, 'Throttling'), /CloudWatch: Throttling the reason/],
  ['cloudwatch', json(400, 'RequestLimitExceeded'), /CloudWatch: RequestLimitExceeded/],
  ['cloudwatch', json(500, 'InternalServiceFault'), /CloudWatch: InternalServiceFault/],
  ['cloudwatch', json(400, 'NobodyKnowsThisOne'), /CloudWatch: NobodyKnowsThisOne the reason/],
  ['spot-prices', xml(503, 'RequestLimitExceeded'), /EC2: RequestLimitExceeded/],
  ['spot-prices', xml(500, 'InternalError'), /EC2: InternalError/],
  ['dynamodb', json(400, 'ProvisionedThroughputExceededException'), /DynamoDB table \S+: ProvisionedThroughput/],
  ['dynamodb', json(400, 'ValidationException'), /DynamoDB refuses a request to \S+: the reason/],
  ['dynamodb', json(500, 'InternalServerError'), /DynamoDB table \S+: InternalServerError/],
]

/** Where no part is small enough for the service: 3, and it is said that nothing is left to split. */
const tooLarge: readonly Case[] = [
  ['signalfx', [413, ''], /answered 413/],
  ['signalfx', aborted('Job exceeded the maximum number of data points'), /aborted the computation: Job exceeded/],
  ['signalfx', event('error', { errors: [{ code: 'ANALYTICS_TOO_MANY_TIME_SERIES' }] }), /TOO_MANY_TIME_SERIES/],
  ['signalfx', limited, /signalfx takes only 50000 of 70000 series/],
  ['elasticsearch', [413, ''], /answered 413/],
  ['elasticsearch', elastic(503, 'too_many_buckets_exception'), /i gives less at once: the reason/],
  ['elasticsearch', elastic(429, 'circuit_breaking_exception', { durability: 'PERMANENT' }), /i gives less at once/],
  ['cloudwatch', [413, '{}'], /CloudWatch: /],
  ['cloudwatch', json(400, 'LimitExceededException'), /CloudWatch: LimitExceededException the reason/],
  ['cloudwatch', json(400, 'ValidationError', 'which exceeds the limit of 100,800'), /which exceeds the limit/],
  [
    'cloudwatch',
    [200, '{"Messages":[{"Code":"MaxMetricsExceeded","Value":"x"}]}'],
    /something out: MaxMetricsExceeded: x/,
  ],
  ['spot-prices', xml(413, 'RequestEntityTooLarge'), /EC2: RequestEntityTooLarge/],
]

async function run(service: string, given: Answer) {
  answer = given
  const folder = mkdtempSync(join(root, 'case-'))
  const words = commandLines[service](server.url)
  const to = words[0] === '--from=-' ? `--state-dir=${join(folder, 'state')}` : `--to=${join(folder, 'lake')}`
  const args = ['backfill', ...words, to, ...times, '--retries=0', '--quiet']
  const stdin = '{"series":"m|@type=metadata","time":"2026-01-01T00:30:00Z","value":1}'
  const ended = await runHere(args, { env, stdin, now: () => Date.UTC(2026, 0, 1, 5) })
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/unexpected error|\n\s+at /)
  return ended
}

describe('what a service answers', () => {
  it.each(wrong)('is a mistake of the command where only another one helps: %s, %j', async (service, given, said) => {
    const { code, stderr } = await run(service, given)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) })
  })

  it.each(undone)('leaves that part of the range undone, and named: %s, %j', async (service, given, said) => {
    const { code, stdout, stderr } = await run(service, given)
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(said) })
    expect(stdout).toMatch(/not done \(1\):\n {2}2026-01-01T00:00:00Z/)
    expect(stderr).toContain('to go on:  retrofill backfill')
  })

  it.each(tooLarge)(
    'is split to the end where it is too much, and undone then: %s, %j',
    async (service, given, said) => {
      const { code, stdout } = await run(service, given)
      expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringMatching(said) })
      expect(stdout).toMatch(/not done \(1\):\n.*, and nothing is left to split/)
    },
  )
})
