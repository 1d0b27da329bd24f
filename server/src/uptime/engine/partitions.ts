import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'

const dayMs = 86_400_000
const daysAhead = 7
/** The same number in every process: two that make the same partition at once would fail each other. */
const lockKey = 7_402_331

/** Makes the days that checks go to, ahead of time. Whoever writes checks asks for it first. */
export type Partitions = { ensure(now: Date): Promise<void> }

/** The first call of a day looks, the others know; so one is enough for a process. */
export function createPartitions(db: Kysely<Tables>): Partitions {
  let ensuredUntil = 0
  return {
    ensure: async (now) => {
      const today = Math.floor(now.getTime() / dayMs)
      // One day before midnight is early enough, and leaves another one for a database that is away.
      if (today + 1 < ensuredUntil && today >= ensuredUntil - daysAhead) return
      const first = new Date((today - 1) * dayMs).toISOString().slice(0, 10)
      await db.transaction().execute(async (tx) => {
        await sql`SELECT pg_advisory_xact_lock(${lockKey}::bigint)`.execute(tx)
        await sql`SELECT ensure_check_partitions(${first}::date, ${daysAhead + 1}::integer)`.execute(tx)
      })
      ensuredUntil = today + daysAhead
    },
  }
}
