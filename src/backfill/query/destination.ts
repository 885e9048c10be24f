import type { MetricsFormat } from '../../metrics-file/write.ts'
import { metricsFileStore } from '../../store/metrics-file.ts'
import { namesMetricsFile } from '../../store/open.ts'
import { usageError } from '../../util/errors.ts'
import type { Destination } from './options.ts'

export interface DestinationOptions {
  readonly format: MetricsFormat
  /** Where the job's state lies, if not in its usual place. */
  readonly stateDir?: string
}

/** Opens what `--to` names: a metrics file `*.json.gz`, else a lake. */
export function openDestination(to: string, { format, stateDir }: DestinationOptions): Destination {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(to)?.[1]
  if (scheme !== undefined) throw usageError(`unknown store: ${scheme}`, 'give a folder, or a metrics file *.json.gz')
  if (namesMetricsFile(to))
    return { kind: 'file', path: to, store: metricsFileStore(to, { format }), state: stateDir ?? `${to}.retrofill` }
  if (format !== 'plain') throw usageError(`--format ${format} is for metrics files, and --to ${to} is a lake`)
  if (stateDir !== undefined) throw usageError('--state-dir is for stores that cannot keep the state, and a lake can')
  return { kind: 'lake', path: to }
}
