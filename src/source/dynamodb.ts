import { z } from 'zod'
import { openDynamoDB } from '../store/dynamodb/location.ts'
import { defineSource } from './definition.ts'
import { storeSource } from './store.ts'

export const dynamodb = defineSource({
  brief: "The points of Clusterman's datastore: --from dynamodb://REGION/[PREFIX]",
  options: z.object({}),
  secrets: [],
  needsMetric: false,
  open(_options, { location, env, caller }) {
    const store = openDynamoDB(location, env, { caller })
    return {
      ...storeSource(store),
      async estimate(_query, range, signal) {
        const { units, ...rest } = await store.estimate(range, signal)
        return { ...rest, billed: { 'dynamodb:read-units': units } }
      },
    }
  },
})
