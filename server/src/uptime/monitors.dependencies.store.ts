import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/**
 * Until the transaction ends nobody else changes who depends on whom in the organization, because two changes that are
 * fine each may close a circle together. To be called before any monitor is locked, or two callers block each other.
 */
export async function lockDependencies(db: Kysely<Tables>, organizationId: number): Promise<void> {
  await sql`SELECT 1 FROM organizations WHERE id = ${organizationId} FOR NO KEY UPDATE`.execute(db)
}

/**
 * The same for whoever adds to what monitors there already are depend on. Writes the row as it is: under If-Match a
 * transaction keeps to the snapshot it began with, and only what was written since makes it begin anew instead of
 * overlooking another's change.
 */
export async function lockDependenciesToAdd(db: Kysely<Tables>, organizationId: number): Promise<void> {
  await sql`UPDATE organizations SET plan = plan WHERE id = ${organizationId}`.execute(db)
}

export async function findDependents(db: Kysely<Tables>, ids: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('monitor_dependencies')
    .select('monitor_id')
    .distinct()
    .where('depends_on_id', 'in', [...ids])
    .execute()
  return rows.map(({ monitor_id }) => monitor_id)
}

/** Those of `ids` that one of the parents depends on, itself or through others. */
export async function findAbove(
  db: Kysely<Tables>,
  parents: readonly number[],
  ids: readonly number[],
): Promise<number[]> {
  // UNION and not UNION ALL: it goes past every monitor once, however many ways lead there.
  const { rows } = await sql<{ id: number }>`
    WITH RECURSIVE above (id) AS (
      SELECT unnest(${[...parents]}::integer[])
      UNION
      SELECT depends_on_id FROM monitor_dependencies JOIN above ON monitor_id = above.id
    )
    SELECT id FROM above WHERE id = ANY (${[...ids]}::integer[]) ORDER BY id`.execute(db)
  return rows.map(({ id }) => id)
}

export type NewDependencies = { readonly id: number; readonly depends_on: readonly number[] }

export async function insertDependencies(db: Kysely<Tables>, monitors: readonly NewDependencies[]): Promise<void> {
  const rows = monitors.flatMap(({ id, depends_on }) =>
    depends_on.map((parent) => ({ monitor_id: id, depends_on_id: parent })),
  )
  if (rows.length === 0) return
  await db
    .insertInto('monitor_dependencies')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function replaceDependencies(db: Kysely<Tables>, id: number, parents: readonly number[]): Promise<void> {
  await sql`
    DELETE FROM monitor_dependencies
    WHERE monitor_id = ${id} AND depends_on_id <> ALL (${[...parents]}::integer[])`.execute(db)
  await insertDependencies(db, [{ id, depends_on: parents }])
}

/** What depends on a monitor that goes looks different afterwards, so a copy of before must not count as current. */
export async function renewDependents(
  db: Kysely<Tables>,
  organizationId: number,
  ids: readonly number[],
): Promise<void> {
  await db
    .updateTable('monitors')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('organization_id', '=', organizationId)
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('monitor_dependencies')
        .select('monitor_id')
        .where('depends_on_id', 'in', [...ids]),
    )
    .execute()
}
