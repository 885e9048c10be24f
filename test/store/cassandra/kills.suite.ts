import { describe, it } from 'vitest'
import type { CassandraServer } from '../../services/cassandra.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { killTimeout, surviveKills } from '../../support/kills.ts'

const root = temporaryFolder()

export function killsSuite(server: CassandraServer): void {
  describe('a backfill into Cassandra that is killed again and again', { timeout: killTimeout }, () => {
    it('ends with every point once', async () => {
      let made = 0
      const makeTarget = async () => ({
        to: `cassandra://${server.host}/Kills${made++}`,
        args: ['--metric', 'm=m.{AZ}', '--create-schema'],
        env: { CASSANDRA_USERNAME: 'cassandra', CASSANDRA_PASSWORD: 'cassandra' },
      })
      await surviveKills(makeTarget, { root, nameOf: (zone) => `m.${zone}` })
    })
  })
}
