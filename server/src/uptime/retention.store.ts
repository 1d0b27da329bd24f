import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

const dayMs = 86_400_000
const partitionPattern = /^checks_(\d{4})(\d{2})(\d{2})$/

/** Drops the days that ended before that moment, the oldest first. Says which. */
export async function dropCheckPartitions(db: Kysely<Tables>, before: Date): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'checks'::regclass
    ORDER BY relname`.execute(db)
  const dropped: string[] = []
  for (const { name } of rows) {
    const [, year, month, day] = partitionPattern.exec(name) ?? []
    const end = Date.UTC(Number(year), Number(month) - 1, Number(day)) + dayMs
    // Not a number where the name is another: what somebody else attached is left alone.
    if (!(end <= before.getTime())) continue
    await db.transaction().execute(async (tx) => {
      // Whoever waits for this lock keeps every check waiting behind him, so he does not wait for long readers.
      await sql`SET LOCAL lock_timeout = '2s'`.execute(tx)
      await sql`DROP TABLE IF EXISTS ${sql.table(name)}`.execute(tx)
    })
    dropped.push(name)
  }
  return dropped
}

export type OldRollups = {
  readonly table: 'check_rollups_hourly' | 'check_rollups_daily'
  readonly before: Date
  readonly limit: number
}

/** At most `limit` rows; fewer means that none are left. */
export async function removeRollups(db: Kysely<Tables>, { table, before, limit }: OldRollups): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM ${sql.table(table)} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${sql.table(table)}
      WHERE starts_at AT TIME ZONE 'UTC' < ${before}::timestamptz AT TIME ZONE 'UTC'
      LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}
