import { type Expression, type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Usage } from './plans.ts'

/** What the organization has used of its plan in the month of `now`. */
export async function usageOf(db: Kysely<Tables>, organizationId: number, now: Date): Promise<Usage> {
  return {
    monitors: await countMonitors(db, organizationId),
    checks: await readChecksUsed(db, organizationId, now),
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

async function readChecksUsed(db: Kysely<Tables>, organizationId: number, now: Date): Promise<number> {
  const { checks } = await db
    .selectNoFrom(checksUsedBy(sql.val(organizationId), now).as('checks'))
    .executeTakeFirstOrThrow()
  return checks
}

/**
 * Every check that was run, from each region, in maintenance too, also those of monitors that are gone: they were work
 * all the same. The rollups have the local ones.
 */
export function checksUsedBy(organizationId: Expression<number>, now: Date): RawBuilder<number> {
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  // The conversion of `starts_at` is that of the index.
  return sql`(
    SELECT coalesce(sum(up + degraded + down + in_maintenance), 0)::bigint
    FROM check_rollups_daily AS rollup
    WHERE rollup.organization_id = ${organizationId}
      AND rollup.starts_at AT TIME ZONE 'UTC' >= ${month}::timestamptz AT TIME ZONE 'UTC'
  ) + (
    SELECT coalesce(sum(counted.checks), 0)::bigint
    FROM region_check_counts AS counted
    WHERE counted.organization_id = ${organizationId} AND counted.starts_at >= ${month}::timestamptz
  )`
}
