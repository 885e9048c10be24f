import { z } from 'zod'
import { defineSource } from './definition.ts'
import { metricsFileSource } from './metrics-file-source.ts'

/** The kind of source. The source itself lies beside it, for commands that take only metrics files: they start without loading schemas. */
export const metricsFile = defineSource({
  brief: 'A metrics file of Clusterman, of any generation: --from metrics.json.gz',
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  open: (_options, { location }) => metricsFileSource(location),
})
