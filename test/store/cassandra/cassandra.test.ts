import { afterAll, describe } from 'vitest'
import { startCassandra } from '../../services/cassandra.ts'
import { serverOrSkip } from '../../services/support.ts'
import { backfillSuite } from './backfill.suite.ts'
import { faultsSuite } from './faults.suite.ts'
import { generateSuite } from './generate.suite.ts'
import { rollupSuite } from './rollup.suite.ts'
import { storeSuite } from './store.suite.ts'
import { storedSuite } from './stored.suite.ts'

// One server for all of them: it takes longer to start than most of what is asked of it.
const server = await serverOrSkip('Cassandra', () => startCassandra({ asksPassword: true }))
afterAll(() => server?.stop())

describe.runIf(server)('Cassandra 5.0', () => {
  if (!server) return
  storeSuite(server)
  rollupSuite(server)
  storedSuite(server)
  backfillSuite(server)
  generateSuite(server)
  faultsSuite(server)
})
