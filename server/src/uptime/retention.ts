import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Tables } from '../db/tables.ts'
import type { JobHandlers } from '../jobs/jobs.ts'
import type { Log } from '../log.ts'
import type { Partitions } from './engine/partitions.ts'
import { dropCheckPartitions, removeRollups } from './retention.store.ts'

/** Every day at a quiet hour; each worker also asks for it at its start, for machines that sleep at night. */
export const checkRetentionCron = '25 3 * * *'

export type CheckRetention = { readonly checkDays: number; readonly rollupDays: number }

const dayMs = 86_400_000
const rollupTables = ['check_rollups_hourly', 'check_rollups_daily'] as const

type Ground = {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly log: Log
  readonly checkPartitions: Partitions
  readonly retention: CheckRetention
  readonly batch?: number
  readonly mostBatches?: number
}

/**
 * Forgets checks and rollups that have had their time, and makes the days to come. Checks go by the day, with the table
 * that holds it; rollups in small batches, which leave others room in between. What is left over goes the next time.
 */
export function checkRetentionJob(ground: Ground): JobHandlers['check-retention'] {
  const { db, clock, log, checkPartitions, retention, batch = 1000, mostBatches = 1000 } = ground
  return async (_data, { signal }) => {
    const now = clock.now()
    await checkPartitions.ensure(now)
    const dropped = await dropCheckPartitions(db, new Date(now.getTime() - retention.checkDays * dayMs))
    const before = new Date(now.getTime() - retention.rollupDays * dayMs)
    const removed: Record<string, number> = {}
    for (const table of rollupTables) {
      removed[table] = 0
      for (let round = 0; round < mostBatches; round += 1) {
        signal.throwIfAborted()
        const count = await removeRollups(db, { table, before, limit: batch })
        removed[table] += count
        if (count < batch) break
      }
    }
    log.info({ dropped, removed }, 'old checks are forgotten')
  }
}
