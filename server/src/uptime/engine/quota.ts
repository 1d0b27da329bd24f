import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import { planLimits } from '../../platform/plans.ts'
import { checksUsedBy } from '../../platform/usage.store.ts'

/** The organizations that have used up the checks of their plan for this month. */
export type Quota = { spentBy(now: Date): Promise<ReadonlySet<number>> }

const refreshMs = 60_000

/** Counted once a minute, not at every check: who is at the limit gets a minute more, which costs nobody anything. */
export function createQuota(db: Kysely<Tables>): Quota {
  let known: { readonly at: number; readonly spent: Promise<ReadonlySet<number>> } | undefined
  return {
    spentBy: (now) => {
      const at = now.getTime()
      if (known !== undefined && Math.abs(at - known.at) < refreshMs) return known.spent
      // Shared while it is read, so that agents that ask at once do not all count; a failure is not remembered.
      const asked = { at, spent: readSpent(db, now) }
      known = asked
      asked.spent.catch(() => {
        if (known === asked) known = undefined
      })
      return asked.spent
    },
  }
}

async function readSpent(db: Kysely<Tables>, now: Date): Promise<Set<number>> {
  const limited = Object.entries(planLimits).flatMap(([plan, { checksPerMonth }]) =>
    checksPerMonth === null ? [] : [{ plan, checksPerMonth }],
  )
  const { rows } = await sql<{ id: number }>`
    SELECT organizations.id
    FROM unnest(
      ${limited.map(({ plan }) => plan)}::text[], ${limited.map(({ checksPerMonth }) => checksPerMonth)}::bigint[]
    ) AS limits (plan, most)
    JOIN organizations ON organizations.plan = limits.plan
    WHERE ${checksUsedBy(sql.ref('organizations.id'), now)} >= limits.most`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
