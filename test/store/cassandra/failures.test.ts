import { afterAll, describe } from 'vitest'
import { startCassandra } from '../../services/cassandra.ts'
import { serverOrSkip } from '../../services/support.ts'
import { failuresSuite } from './failures.suite.ts'
import { killsSuite } from './kills.suite.ts'

// A server of their own, which they may kill, and time beside the other tests: they wait a lot.
const server = await serverOrSkip('Cassandra', () => startCassandra({ asksPassword: true }))
afterAll(() => server?.stop())

describe.runIf(server)('Cassandra 5.0', () => {
  if (!server) return
  killsSuite(server)
  failuresSuite(server)
})
