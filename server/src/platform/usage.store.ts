import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Usage } from './plans.ts'

/** What the organization has used of its plan in the month of `now`. */
export async function usageOf(db: Kysely<Tables>, organizationId: number, now: Date): Promise<Usage> {
  return {
    monitors: await countMonitors(db, organizationId),
    checks: await countChecks(db, organizationId, now),
    logsBytes: 0,
  }
}

export async function countMonitors(db: Kysely<Tables>, organizationId: number): Promise<number> {
  const { count } = await db
    .selectFrom('monitors')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organization_id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return count
}

/** Every check that was run, in maintenance too, also those of monitors that are gone: they were work all the same. */
async function countChecks(db: Kysely<Tables>, organizationId: number, now: Date): Promise<number> {
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  const { count } = await db
    .selectFrom('check_rollups_daily')
    .select(sql<number>`coalesce(sum(up + degraded + down + in_maintenance), 0)::bigint`.as('count'))
    .where('organization_id', '=', organizationId)
    // As the index has it.
    .where(sql<boolean>`starts_at AT TIME ZONE 'UTC' >= ${month}::timestamptz AT TIME ZONE 'UTC'`)
    .executeTakeFirstOrThrow()
  return count
}
