import type { Plan } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { type PlanLimits, planLimits } from './plans.ts'
import { countMonitors } from './usage.store.ts'

export async function limitsOf(db: Kysely<Tables>, organizationId: number): Promise<PlanLimits> {
  const { plan } = await db
    .selectFrom('organizations')
    .select('plan')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return planLimits[plan]
}

/**
 * Whether so many more monitors fit into the plan. Where the plan has a limit, the organization's row stays locked
 * until the transaction ends, so that the answer still holds when the monitors are written.
 */
export async function hasRoomForMonitors(db: Kysely<Tables>, organizationId: number, more: number): Promise<boolean> {
  if ((await limitsOf(db, organizationId)).monitors === null) return true
  const { rows } = await sql<{ plan: Plan }>`
    SELECT plan FROM organizations WHERE id = ${organizationId} FOR NO KEY UPDATE`.execute(db)
  const limit = rows[0] === undefined ? null : planLimits[rows[0].plan].monitors
  return limit === null || (await countMonitors(db, organizationId)) + more <= limit
}

/** What the operator has chosen for organizations by their slugs; the slugs that none has are answered. */
export async function choosePlans(
  db: Kysely<Tables>,
  chosen: readonly { readonly slug: string; readonly plan: Plan }[],
): Promise<string[]> {
  const unknown: string[] = []
  for (const { slug, plan } of chosen) {
    const { numUpdatedRows } = await db
      .updateTable('organizations')
      .set({ plan })
      .where('slug', '=', slug)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) unknown.push(slug)
  }
  return unknown
}
