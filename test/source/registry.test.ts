import { describe, expect, it } from 'vitest'
import { caller } from '../../src/bucket/caller.ts'
import { openSource } from '../../src/source/registry.ts'

const open = (location: string, given: readonly (readonly [string, string])[]) =>
  openSource(location, given, {
    env: { AWS_REGION: 'us-west-2' },
    caller: caller(),
    stdin: process.stdin,
    now: () => 0,
  })

describe('aws as a source', () => {
  it('is the service that its option names, as the same job', async () => {
    for (const [service, options] of [
      ['cloudwatch', [['namespace', 'AWS/EC2']]],
      ['spot-prices', [['zones', 'us-west-2a']]],
    ] as const) {
      const { name, description } = await open('aws', [...options, ['service', service]])
      expect(name).toBe(service)
      expect(description).toEqual((await open(service, options)).description)
    }
  })

  it.each([[[]], [[['service', 's3'] as const]]])('is refused with %j', async (given) => {
    await expect(open('aws', given)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^unknown service of aws: (none given|s3)$/),
      hint: 'give -o service=cloudwatch|spot-prices',
    })
  })
})
