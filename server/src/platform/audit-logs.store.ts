import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type AuditFilter = {
  readonly action?: string | undefined
  readonly actorUserId?: number | undefined
  readonly actorPatId?: number | undefined
  readonly resource?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/**
 * Where a page ended. The moment is text, because a Date would drop its microseconds and skip rows. Without one the id
 * is of no row of this log, and only means smaller ids.
 */
export type AuditCursor = { readonly id: number; readonly moment: string | undefined }

export type AuditLogRow = Awaited<ReturnType<typeof listAuditLogs>>[number]

/** Newest first: by time, and by id among equals. Every filter has an index that begins with it and goes on so. */
export function listAuditLogs(
  db: Kysely<Tables>,
  organizationId: number,
  filter: AuditFilter,
  page: { readonly limit: number; readonly after: AuditCursor | undefined },
) {
  const { action, actorUserId, actorPatId, resource, from, to } = filter
  let query = db
    .selectFrom('audit_logs')
    .select(['id', 'created_at', 'actor_user_id', 'actor_pat_id', 'actor_email', 'action', 'resource', 'meta'])
    .select(sql<string>`created_at::text`.as('moment'))
    .where('organization_id', '=', organizationId)
  if (action !== undefined) query = query.where('action', '=', action)
  if (actorUserId !== undefined) query = query.where('actor_user_id', '=', actorUserId)
  if (actorPatId !== undefined) query = query.where('actor_pat_id', '=', actorPatId)
  if (resource !== undefined) query = query.where('resource', '=', resource)
  if (from !== undefined) query = query.where('created_at', '>=', from)
  // A row is shown with milliseconds and kept with microseconds: asked up to what is shown, it is in.
  if (to !== undefined) query = query.where('created_at', '<', new Date(to.getTime() + 1))
  if (page.after !== undefined) {
    const { id, moment } = page.after
    query =
      moment === undefined
        ? query.where('id', '<', id)
        : query.where(sql<boolean>`(created_at, id) < (${moment}::timestamptz, ${id}::bigint)`)
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(page.limit).execute()
}

export async function findCursor(db: Kysely<Tables>, organizationId: number, id: number): Promise<AuditCursor> {
  const row = await db
    .selectFrom('audit_logs')
    .select(sql<string>`created_at::text`.as('moment'))
    .where('id', '=', id)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
  return { id, moment: row?.moment }
}
