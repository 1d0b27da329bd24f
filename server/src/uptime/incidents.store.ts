import type { IncidentFilter, IncidentStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { IncidentsTable, Tables } from '../db/tables.ts'

export type IncidentPage = {
  readonly status: IncidentFilter | undefined
  readonly monitorId: number | undefined
  readonly from: Date | undefined
  readonly to: Date | undefined
  readonly limit: number
  readonly before: number | undefined
  readonly offset: number
}

/** Newest first by when they started, so that a time long ago is found as fast as today. */
export function listIncidents(db: Kysely<Tables>, organizationId: number, page: IncidentPage) {
  const { status, monitorId, from, to, limit, before, offset } = page
  let query = selectIncidents(db, organizationId)
  if (status === 'resolved') query = query.where('resolved_at', 'is not', null)
  // What the index of open incidents is asked by, for its own three statuses too.
  else if (status !== undefined) query = query.where('resolved_at', 'is', null)
  if (status !== undefined && status !== 'open') query = query.where('status', '=', status)
  if (monitorId !== undefined) query = query.where('monitor_id', '=', monitorId)
  if (from !== undefined) query = query.where('started_at', '>=', from)
  if (to !== undefined) query = query.where('started_at', '<', to)
  if (before !== undefined) {
    query = query.where(sql<boolean>`(started_at, id) < (
      SELECT last.started_at, last.id FROM incidents AS last
      WHERE last.id = ${before} AND last.organization_id = ${organizationId})`)
  }
  return query.orderBy('started_at', 'desc').orderBy('id', 'desc').limit(limit).offset(offset).execute()
}

function selectIncidents(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('incidents')
    .where('organization_id', '=', organizationId)
    .select([
      'id',
      'monitor_id',
      'log_alert_id',
      'monitor_name',
      'title',
      'status',
      'severity',
      'cause',
      'error_message',
      'suppressed_by_id',
      'started_at',
      'acknowledged_at',
      'acknowledged_by_user_id',
      'resolved_at',
      'resolved_by_user_id',
      'auto_resolved',
      'postmortem',
      'postmortem_published_at',
      'created_at',
      'version',
    ])
}

export type IncidentRow = Awaited<ReturnType<typeof listIncidents>>[number]

export function findIncident(db: Kysely<Tables>, organizationId: number, id: number): Promise<IncidentRow | undefined> {
  return selectIncidents(db, organizationId).where('id', '=', id).executeTakeFirst()
}

/** Nobody else changes it until the transaction ends, neither a person nor a check that resolves it. */
export function lockIncident(db: Kysely<Tables>, organizationId: number, id: number): Promise<IncidentRow | undefined> {
  return selectIncidents(db, organizationId).where('id', '=', id).forUpdate().executeTakeFirst()
}

/** What people decide about an incident. */
export type IncidentChange = Partial<
  Pick<
    IncidentsTable,
    | 'acknowledged_at'
    | 'acknowledged_by_user_id'
    | 'resolved_at'
    | 'resolved_by_user_id'
    | 'postmortem'
    | 'postmortem_published_at'
  >
> & { readonly status?: IncidentStatus }

/** One version further. The row must be locked. */
export async function changeIncident(
  db: Kysely<Tables>,
  organizationId: number,
  id: number,
  change: IncidentChange,
): Promise<IncidentRow> {
  await db
    .updateTable('incidents')
    .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
    .where('organization_id', '=', organizationId)
    .where('id', '=', id)
    .execute()
  const row = await findIncident(db, organizationId, id)
  if (row === undefined) throw new Error(`incident ${id} was locked and is gone`)
  return row
}

export type NewUpdate = {
  readonly incidentId: number
  readonly status: IncidentStatus
  readonly body: string
  readonly authorUserId: number
  readonly now: Date
}

export function insertUpdate(db: Kysely<Tables>, { incidentId, status, body, authorUserId, now }: NewUpdate) {
  return db
    .insertInto('incident_updates')
    .values({ incident_id: incidentId, status, body, author_user_id: authorUserId, created_at: now })
    .returning(['id', 'status', 'body', 'author_user_id', 'created_at'])
    .executeTakeFirstOrThrow()
}

export type UpdateRow = Awaited<ReturnType<typeof insertUpdate>>

/** The latest, oldest first. */
export async function latestUpdates(db: Kysely<Tables>, incidentId: number, limit: number): Promise<UpdateRow[]> {
  const rows = await db
    .selectFrom('incident_updates')
    .select(['id', 'status', 'body', 'author_user_id', 'created_at'])
    .where('incident_id', '=', incidentId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse()
}
