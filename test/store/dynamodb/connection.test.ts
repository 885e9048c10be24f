import { expect, it, vi } from 'vitest'
import { connect } from '../../../src/store/dynamodb/connection.ts'

vi.mock('@aws-sdk/client-dynamodb', () => {
  throw new Error('not installed')
})

it('closes in peace after its SDK could not be loaded', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    const connection = connect({})
    await expect(connection.send({ table: 't' }, async () => 'never')).rejects.toThrow()
    connection.close()
    await new Promise(setImmediate)
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
  }
})
