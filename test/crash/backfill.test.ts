import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { openDynamoDB } from '../../src/store/dynamodb/location.ts'
import { startDynamoDB } from '../services/dynamodb.ts'
import { serverOrSkip } from '../services/support.ts'
import { newAccount } from '../store/dynamodb/support.ts'
import { temporaryFolder } from '../support/folders.ts'
import { killTimeout, surviveKills } from '../support/kills.ts'

const root = temporaryFolder()
const dynamodb = await serverOrSkip('DynamoDB Local', startDynamoDB)
afterAll(() => dynamodb?.stop())

describe('a backfill that is killed again and again', { timeout: killTimeout }, () => {
  it.each(['lake', 'metrics.json.gz'])('ends with every point once: %s', async (name) => {
    const makeTarget = async () => ({
      to: join(mkdtempSync(join(root, 'case-')), name),
      args: ['--metric', 'm'],
      env: {},
    })
    await surviveKills(makeTarget, { root, nameOf: (zone) => `m|AZ=${zone}` })
  })

  it.runIf(dynamodb)('ends with every point once: DynamoDB', async () => {
    const makeTarget = async () => {
      const { accessKeyId, secretAccessKey } = newAccount()
      const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
      const to = `dynamodb://us-east-1/?endpoint=${dynamodb?.url}`
      await using store = openDynamoDB(to, env)
      await store.createTables()
      return { to, args: ['--metric', 'm', '--metric-type=metadata'], env }
    }
    await surviveKills(makeTarget, { root, nameOf: (zone) => `m|@type=metadata,AZ=${zone}` })
  })
})
