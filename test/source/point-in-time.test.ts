import { afterAll, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'
import { bodyOf, serve } from '../fakes/http-server.ts'

const hit = { _id: '1', fields: { '@timestamp': ['0'], cpu: [1], zone: ['a'], empty: [''] }, sort: [0, 1] }
const answers: Readonly<Record<string, unknown>> = {
  'GET /': { version: { number: '8.0.0' } },
  'POST /i/_field_caps': {
    fields: { '@timestamp': { date: {} }, cpu: { long: {} }, zone: { keyword: {} }, empty: { keyword: {} } },
  },
  'POST /i/_pit': { id: 'pit' },
  'POST /_search': {
    timed_out: false,
    _shards: { total: 1, failed: 0 },
    hits: { total: { value: 2 }, hits: [hit] },
  },
}
/** Elasticsearch as far as a page of documents needs it; it never answers who wants to end the view of the index. */
const server = await serve(async (request, response) => {
  await bodyOf(request)
  const answer = answers[`${request.method} ${request.url?.replace(/\?.*/, '')}`]
  if (answer) response.end(JSON.stringify(answer))
})
afterAll(() => server.stop())

async function openDocuments() {
  const options = [
    ['node', server.url],
    ['index', 'i'],
    ['raw', 'true'],
  ] as const
  const context = { env: {}, caller: caller(), stdin: process.stdin, now: Date.now }
  return (await openSource('elasticsearch', options, context)).source
}

it.each([
  ['zone', 'a'],
  ['empty', ''],
])(
  'takes no text of a document for a number: %s',
  async (field, text) => {
    const source = await openDocuments()
    const reading = source.read({ names: [field] }, { start: 0, end: 1_000 })[Symbol.asyncIterator]()
    await expect(reading.next()).rejects.toMatchObject({
      exitCode: 2,
      message: `not a number: ${field} of document 1 of i is ${JSON.stringify(text)}`,
    })
  },
  20_000,
)

it('lets nobody wait for a service that does not answer when documents are read no further', async () => {
  const source = await openDocuments()
  const reading = source.read({ names: ['cpu'] }, { start: 0, end: 1_000 })[Symbol.asyncIterator]()
  expect((await reading.next()).value).toMatchObject({ length: 1 })
  await reading.return?.()
}, 20_000)
