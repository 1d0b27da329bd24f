import { type Kysely, sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { JobHandlers } from './jobs.ts'

export const sweepCron = '*/15 * * * *'

const hour = 3_600_000
const day = 24 * hour

// Each rule needs an index on its column, or every sweep reads the whole table.
const rules = [
  { table: 'idempotency_keys', column: 'created_at', keep: day },
  { table: 'sessions', column: 'expires_at', keep: 30 * day },
  { table: 'password_resets', column: 'expires_at', keep: 0 },
  { table: 'webhook_deliveries', column: 'created_at', keep: 30 * day },
  { table: 'region_check_counts', column: 'starts_at', keep: 365 * day },
] as const

/**
 * Deletes what has had its time, in small batches: no long transaction, no long lock, and on the embedded database's
 * one connection the requests get in between.
 */
export function sweepJob<Tables>({
  db,
  clock,
  log,
  batch = 1000,
  mostBatches = 500,
}: {
  db: Kysely<Tables>
  clock: Clock
  log: Log
  batch?: number
  mostBatches?: number
}): JobHandlers['sweep'] {
  return async (_data, { signal }) => {
    const removed: Record<string, number> = {}
    for (const { table, column, keep } of rules) {
      const before = new Date(clock.now().getTime() - keep)
      for (let round = 0; round < mostBatches; round += 1) {
        signal.throwIfAborted()
        const count = await removeBatch(db, table, column, before, batch)
        removed[table] = (removed[table] ?? 0) + count
        if (count < batch) break
      }
    }
    log.info({ removed }, 'sweep done')
  }
}

async function removeBatch<Tables>(
  db: Kysely<Tables>,
  table: string,
  column: string,
  before: Date,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM ${sql.table(table)} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${sql.table(table)} WHERE ${sql.ref(column)} < ${before} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}
