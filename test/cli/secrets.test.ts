import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, type FakeServer, serve } from '../fakes/http-server.ts'
import { allText } from '../support/all-text.ts'
import { runHere } from '../support/command.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = temporaryFolder()
const secret = 'geheim7Xq'
const env = {
  SIGNALFX_API_TOKEN: `${secret}-signalfx`,
  ELASTIC_API_KEY: `${secret}-elastic`,
  AWS_ACCESS_KEY_ID: 'AKIAKEY',
  AWS_SECRET_ACCESS_KEY: `${secret}-aws`,
  AWS_SESSION_TOKEN: `${secret}-session`,
  AWS_REGION: 'us-west-2',
  CASSANDRA_USERNAME: 'somebody',
  CASSANDRA_PASSWORD: `${secret}-cassandra`,
}
const times = ['--start-time=2026-01-01', '--end-time=2026-01-01T02:00']
const stdin = '{"series":"m|@type=metadata","time":"2026-01-01T00:30:00Z","value":1}'

/** What AWS says of a wrong signature: the whole request, its token included. */
const canonical = (token: string) =>
  `The request signature we calculated does not match. The Canonical String for this request should have been 'POST / x-amz-security-token:${token}'`
const refusals: Record<string, (headers: Record<string, unknown>) => [number, string]> = {
  'cannot sign in': (headers) => [
    403,
    JSON.stringify({
      __type: 'com.amazon#InvalidSignatureException',
      message: canonical(String(headers['x-amz-security-token'])),
      error: { type: 'security_exception', reason: 'unable to authenticate' },
    }),
  ],
  'is down': () => [503, 'down'],
  'answers nonsense': () => [200, '<nonsense'],
}

let how: keyof typeof refusals
let server: FakeServer
beforeAll(async () => {
  server = await serve(async (request, response) => {
    await bodyOf(request)
    const [status, body] = refusals[how](request.headers)
    response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body)
  })
})
afterAll(() => server.stop())

const basic = Buffer.from(`me:${secret}-basic`).toString('base64')
const sources: [string, (url: string) => string[]][] = [
  ['signalfx, a token in the environment', (url) => ['--from=signalfx', '-o', `endpoint=${url}`]],
  ['signalfx, an option', (url) => ['--from=signalfx', '-o', `endpoint=${url}`, `api_token = ${secret}-option`]],
  ['elasticsearch, a key in the environment', (url) => ['--from=elasticsearch', '-o', `node=${url}`, 'index=i']],
  ['elasticsearch, a key', (url) => ['--from=elasticsearch', '-o', `node=${url}`, 'index=i', `api_key=${secret}-k`]],
  [
    'elasticsearch, a password',
    (url) => ['--from=elasticsearch', '-o', `node=${url}`, 'index=i', 'username=me', `-opassword=${secret}-basic`],
  ],
  ['cloudwatch', (url) => ['--from=cloudwatch', '-o', `endpoint=${url}`, 'namespace=n']],
  ['spot-prices', (url) => ['--from=spot-prices', '-o', `endpoint=${url}`]],
  ['dynamodb', (url) => [`--from=dynamodb://us-west-2/?endpoint=${url}`]],
  ['cassandra', (url) => [`--from=cassandra://somebody@${new URL(url).host}/K?timeout=1s`]],
  ['dynamodb as a store', (url) => ['--from=-', `--to=dynamodb://us-west-2/?endpoint=${url}`]],
  ['cassandra as a store', (url) => ['--from=-', `--to=cassandra://${new URL(url).host}/K?timeout=1s`]],
]

/** Runs a backfill that fails, and gives all that it says and leaves behind. */
async function failing(args: readonly string[]) {
  const folder = mkdtempSync(join(root, 'case-'))
  const isFileTarget = !args.some((word) => word.startsWith('--to='))
  const to = isFileTarget ? [`--to=${join(folder, 'm.json.gz')}`] : [`--state-dir=${join(folder, 'state')}`]
  const metric = args.some((word) => word === '--from=-') ? [] : ['--metric=m']
  const { code, stdout, stderr } = await runHere(['backfill', ...args, ...to, ...metric, ...times, '--retries=0'], {
    env,
    stdin,
    now: () => Date.UTC(2026, 0, 1, 5),
  })
  return { code, stderr, all: `${stdout}${stderr}${allText(folder)}` }
}

describe.each(Object.keys(refusals))('a backfill whose service %s', (name) => {
  it.each(sources)('shows and keeps no secret: %s', async (_, args) => {
    how = name
    const { code, stderr, all } = await failing(args(server.url))
    expect({ code, stderr }).not.toMatchObject({ code: 0 })
    expect(all).not.toContain(secret)
    expect(all).not.toContain(basic)
  })
})

describe('a login in a URL', () => {
  const url = `http://me:${secret}@127.0.0.1:9`
  it.each([
    ['--from=signalfx', '-o', `endpoint=${url}`],
    ['--from=elasticsearch', '-o', `node=${url}`, 'index=i'],
    ['--from=elasticsearch', '-o', `node=http://me:${secret}/x@127.0.0.1:9`, 'index=i'],
    ['--from=cloudwatch', '-o', `endpoint=${url}`, 'namespace=n'],
    ['--from=spot-prices', '-o', `endpoint=${url}`],
    [`--from=dynamodb://key:${secret}@us-west-2/`],
    [`--from=dynamodb://us-west-2/?endpoint=${url}`],
    [`--from=cassandra://me:${secret}@127.0.0.1/K`],
    [`--from=cassandra://me:${secret}/x@127.0.0.1/K`],
    ['--from=-', `--to=cassandra://me:${secret}@127.0.0.1/K`],
    ['--from=-', `--to=dynamodb://us-west-2/?endpoint=${url}`],
  ])('is refused, and not shown: %s %s %s', async (...args) => {
    const { code, stderr, all } = await failing(args.filter((word) => word !== undefined))
    expect({ code, stderr }).toMatchObject({ code: 2 })
    expect(all).not.toContain(secret)
  })
})

describe('an option that is a secret, or holds one, by mistake', () => {
  it.each([
    ['--from=signalfx', '-o', `token=${secret}`],
    ['--from=signalfx', '-o', secret],
    ['--from=signalfx', '-o', `api_token=${secret}`, `api_token=${secret}`],
    ['--from=elasticsearch', '-o', 'index=i', `api-key=${secret}`],
    ['--from=signalfx', secret],
    ['--from=signalfx', '--tokn', secret],
    ['--from=signalfx', `--tokn=${secret}`],
    ['--from=signalfx', `-p${secret}`],
    ['--from=signalfx', '-p', secret],
    ['--from=signalfx', '--quiet', secret],
    ['--from=signalfx', '-o', 'api_token', secret],
    ['--from=signalfx', '-o', 'api_token', '=', secret],
    ['--from=signalfx', '-o', 'api_token=', secret],
  ])('is not shown: %s %s', async (...args) => {
    const { code, all } = await failing(args)
    expect(code).toBe(2)
    expect(all).not.toContain(secret)
  })
})
