import { trim } from './trim.ts'

/** What tells one check from another, and so is part of the locators of its metrics. */
export interface CheckIdentity {
  readonly tenantId: string
  readonly entityId: string
  readonly checkId: string
  readonly checkType: string
  readonly monitoringZoneId: string
}

/** The zone of a check that names none. */
export const unknownZone = 'suspected-agent'

/** Blueflood's name for a metric of a check. */
export const locatorOf = (check: CheckIdentity, metric: string): string => trim(`${prefixOf(check)}${metric}`)

/** What the names of a check's metrics begin with. Remote checks are told apart by the zone that they run from. */
export function prefixOf({ tenantId, entityId, checkId, checkType, monitoringZoneId }: CheckIdentity): string {
  const zone = checkType.includes('remote') ? `${monitoringZoneId}.` : ''
  return `${tenantId}.rackspace.monitoring.entities.${entityId}.checks.${checkType}.${checkId}.${zone}`
}
