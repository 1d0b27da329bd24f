import type { Database } from '../db/connect.ts'
import { createPostgresCounters } from './postgres-counters.ts'
import { createRedisCounters } from './redis-counters.ts'
import type { SharedCounters } from './shared-counters.ts'

/** Redis where there is one, else the database; one embedded process has nobody to share with. */
export function openCounters(redisUrl: string | undefined, database: Database): SharedCounters | undefined {
  if (redisUrl !== undefined) return createRedisCounters(redisUrl)
  return database.kind === 'postgres' ? createPostgresCounters(database.db) : undefined
}
