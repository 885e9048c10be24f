import { describe, expect, it } from 'vitest'
import { locatorOf } from '../../src/archive/locator.ts'

const check = { tenantId: 't', entityId: 'en', checkId: 'ch', checkType: 'agent.cpu', monitoringZoneId: 'mz' }

describe('a locator', () => {
  it('names tenant, entity, check type, check and metric', () => {
    expect(locatorOf(check, 'a.b')).toBe('t.rackspace.monitoring.entities.en.checks.agent.cpu.ch.a.b')
  })

  it.each(['remote.http', 'my.remotely', 'xremote'])('names the zone too where the type is %s', (checkType) => {
    expect(locatorOf({ ...check, checkType }, 'm')).toBe(
      `t.rackspace.monitoring.entities.en.checks.${checkType}.ch.mz.m`,
    )
  })

  it('takes the word remote in lower case only', () => {
    expect(locatorOf({ ...check, checkType: 'Remote' }, 'm')).not.toContain('mz')
  })

  it('is trimmed of characters up to U+0020, and of no others', () => {
    expect(locatorOf({ ...check, tenantId: ' \u0000t' }, 'm \u001f')).toBe(locatorOf(check, 'm'))
    expect(locatorOf(check, 'm\u00a0')).not.toBe(locatorOf(check, 'm'))
  })

  it('keeps apart what Java hash codes confuse', () => {
    expect(locatorOf(check, 'Aa')).not.toBe(locatorOf(check, 'BB'))
  })
})
