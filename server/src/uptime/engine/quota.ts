import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import { planLimits } from '../../platform/plans.ts'

/** The organizations that have used up the checks of their plan for this month. */
export type Quota = { spentBy(now: Date): Promise<ReadonlySet<number>> }

const refreshMs = 60_000

/** Counted once a minute, not at every check: who is at the limit gets a minute more, which costs nobody anything. */
export function createQuota(db: Kysely<Tables>): Quota {
  let known: { readonly at: number; readonly spent: ReadonlySet<number> } | undefined
  return {
    spentBy: async (now) => {
      const at = now.getTime()
      if (known === undefined || Math.abs(at - known.at) >= refreshMs) known = { at, spent: await readSpent(db, now) }
      return known.spent
    },
  }
}

async function readSpent(db: Kysely<Tables>, now: Date): Promise<Set<number>> {
  const limited = Object.entries(planLimits).flatMap(([plan, { checksPerMonth }]) =>
    checksPerMonth === null ? [] : [{ plan, checksPerMonth }],
  )
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  const { rows } = await sql<{ id: number }>`
    SELECT organizations.id
    FROM unnest(
      ${limited.map(({ plan }) => plan)}::text[], ${limited.map(({ checksPerMonth }) => checksPerMonth)}::bigint[]
    ) AS limits (plan, most)
    JOIN organizations ON organizations.plan = limits.plan
    JOIN LATERAL (
      SELECT sum(up + degraded + down + in_maintenance) AS used FROM check_rollups_daily AS rollup
      WHERE rollup.organization_id = organizations.id
        AND rollup.starts_at AT TIME ZONE 'UTC' >= ${month}::timestamptz AT TIME ZONE 'UTC'
    ) AS month ON month.used >= limits.most`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
