import { z } from 'zod'
import { openDynamoDB } from '../store/dynamodb/location.ts'
import { defineSource } from './definition.ts'
import { storeSource } from './store.ts'

export const dynamodb = defineSource({
  brief: "The points of Clusterman's datastore: --from dynamodb://REGION/[PREFIX]",
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  open: (_options, { location, env, caller }) => storeSource(openDynamoDB(location, env, { caller })),
})
