import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Usage } from './plans.ts'

/** What the organization has used of its plan in the month of `now`. */
export async function usageOf(db: Kysely<Tables>, organizationId: number, _now: Date): Promise<Usage> {
  return { monitors: await countMonitors(db, organizationId), checks: 0, logsBytes: 0 }
}

export async function countMonitors(db: Kysely<Tables>, organizationId: number): Promise<number> {
  const { count } = await db
    .selectFrom('monitors')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('organization_id', '=', organizationId)
    .executeTakeFirstOrThrow()
  return count
}
