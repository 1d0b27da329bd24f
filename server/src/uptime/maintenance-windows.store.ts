import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** A check, from its beginning until something is made of it; or a moment. */
export type Span = { readonly monitorId: number; readonly from: Date; readonly to: Date }

/**
 * Those of the monitors that a window covers in some of that time, by name or with their whole organization. So a check
 * that ran into a window, or out of it, is left out: what it found may well be the maintenance.
 */
export async function monitorsInMaintenance(db: Kysely<Tables>, spans: readonly Span[]): Promise<Set<number>> {
  if (spans.length === 0) return new Set()
  const { rows } = await sql<{ id: number }>`
    SELECT given.id
    FROM unnest(
      ${spans.map(({ monitorId }) => monitorId)}::integer[],
      ${spans.map(({ from }) => from)}::timestamptz[],
      ${spans.map(({ to }) => to)}::timestamptz[]
    ) AS given (id, begins, ends)
    JOIN monitors ON monitors.id = given.id
    WHERE EXISTS (
      SELECT FROM maintenance_windows AS covering
      WHERE covering.organization_id = monitors.organization_id
        AND covering.starts_at <= given.ends AND covering.ends_at > given.begins
        AND (covering.whole_organization OR EXISTS (
          SELECT FROM maintenance_window_monitors AS covered
          WHERE covered.window_id = covering.id AND covered.monitor_id = given.id
        ))
    )`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

export type WindowPage = {
  /** Whether only windows that are, or are not, in force at `now`. */
  readonly active: boolean | undefined
  readonly from: Date | undefined
  readonly to: Date | undefined
  readonly now: Date
  readonly limit: number
  readonly before: number | undefined
}

/** Newest first. */
export function listWindows(db: Kysely<Tables>, organizationId: number, page: WindowPage) {
  const { active, from, to, now, limit, before } = page
  let query = selectWindows(db, organizationId)
  if (active === true) query = query.where('starts_at', '<=', now).where('ends_at', '>', now)
  if (active === false) query = query.where(({ or, eb }) => or([eb('starts_at', '>', now), eb('ends_at', '<=', now)]))
  if (from !== undefined) query = query.where('ends_at', '>', from)
  if (to !== undefined) query = query.where('starts_at', '<', to)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

function selectWindows(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('maintenance_windows')
    .where('organization_id', '=', organizationId)
    .select(['id', 'title', 'whole_organization', 'starts_at', 'ends_at', 'created_by_user_id', 'created_at'])
    .select(({ selectFrom }) =>
      selectFrom('maintenance_window_monitors as covered')
        .whereRef('covered.window_id', '=', 'maintenance_windows.id')
        .select(sql<number[]>`coalesce(array_agg(covered.monitor_id ORDER BY covered.monitor_id), '{}')`.as('ids'))
        .as('monitor_ids'),
    )
}

export type WindowRow = Awaited<ReturnType<typeof listWindows>>[number]

export function findWindow(db: Kysely<Tables>, organizationId: number, id: number): Promise<WindowRow | undefined> {
  return selectWindows(db, organizationId).where('id', '=', id).executeTakeFirst()
}

export type NewWindow = {
  readonly title: string
  /** `null`: all of the organization's. */
  readonly monitorIds: readonly number[] | null
  readonly startsAt: Date
  readonly endsAt: Date
  readonly createdByUserId: number
  readonly now: Date
}

/** Nothing is written if one of the monitors is not the organization's. */
export async function insertWindow(
  db: Kysely<Tables>,
  organizationId: number,
  window: NewWindow,
): Promise<WindowRow | { readonly missing: readonly number[] }> {
  const { title, monitorIds, startsAt, endsAt, createdByUserId, now } = window
  const missing = monitorIds === null ? [] : await holdMonitors(db, organizationId, monitorIds)
  if (missing.length > 0) return { missing }
  const { id } = await db
    .insertInto('maintenance_windows')
    .values({
      organization_id: organizationId,
      title,
      whole_organization: monitorIds === null,
      starts_at: startsAt,
      ends_at: endsAt,
      created_by_user_id: createdByUserId,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (monitorIds !== null) {
    const covered = monitorIds.map((monitorId) => ({ window_id: id, monitor_id: monitorId }))
    await db.insertInto('maintenance_window_monitors').values(covered).execute()
  }
  const row = await findWindow(db, organizationId, id)
  if (row === undefined) throw new Error(`window ${id} was written and is not there`)
  return row
}

/** Nobody deletes one of them until the transaction ends. Answers those that are not there. */
async function holdMonitors(db: Kysely<Tables>, organizationId: number, ids: readonly number[]): Promise<number[]> {
  const held = await db
    .selectFrom('monitors')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('id', 'in', [...ids])
    .orderBy('id')
    .forKeyShare()
    .execute()
  const known = new Set(held.map(({ id }) => id))
  return ids.filter((id) => !known.has(id))
}

export type Cancelled = { readonly window: WindowRow; readonly outcome: 'removed' | 'ended' | 'unchanged' }

/** What has begun is history: it ends, but it stays. */
export async function cancelWindow(
  db: Kysely<Tables>,
  organizationId: number,
  id: number,
  now: Date,
): Promise<Cancelled | undefined> {
  const window = await selectWindows(db, organizationId).where('id', '=', id).forUpdate().executeTakeFirst()
  if (window === undefined) return undefined
  if (window.ends_at <= now) return { window, outcome: 'unchanged' }
  if (window.starts_at < now) {
    await db.updateTable('maintenance_windows').set({ ends_at: now }).where('id', '=', id).execute()
    return { window, outcome: 'ended' }
  }
  await db.deleteFrom('maintenance_windows').where('id', '=', id).execute()
  return { window, outcome: 'removed' }
}
