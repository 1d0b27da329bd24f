import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type PageName = { readonly slug: string } | { readonly host: string }

export type PublicPageRow = NonNullable<Awaited<ReturnType<typeof findPublicPage>>>

/** Whatever stands in an address may be asked for; only what could be a name is looked up. */
export const couldBeName = (name: string) => /^[a-z0-9.-]{0,253}$/.test(name)

export async function findPublicPage(db: Kysely<Tables>, name: PageName) {
  if (!couldBeName('slug' in name ? name.slug : name.host)) return undefined
  return db
    .selectFrom('status_pages')
    .select([
      'id',
      'organization_id',
      'slug',
      'title',
      'description',
      'logo_url',
      'accent_color',
      'footer_links',
      'custom_css',
      'hide_branding',
      'ip_allowlist',
      'password_hash',
      'created_at',
    ])
    .where('is_public', '=', true)
    .$if('slug' in name, (query) => query.where('slug', '=', 'slug' in name ? name.slug : ''))
    .$if('host' in name, (query) => query.where('custom_domain', '=', 'host' in name ? name.host : ''))
    .executeTakeFirst()
}

/** The slug of a page that shows the monitor to whoever asks, without a password and from anywhere. */
export async function findOpenPageOf(
  db: Kysely<Tables>,
  organizationId: number,
  monitorId: number,
): Promise<string | undefined> {
  const page = await db
    .selectFrom('status_page_components as component')
    .innerJoin('status_pages as page', 'page.id', 'component.status_page_id')
    .select('page.slug')
    .where('component.monitor_id', '=', monitorId)
    .where('page.organization_id', '=', organizationId)
    .where('page.is_public', '=', true)
    .where('page.password_hash', 'is', null)
    .where(sql<boolean>`page.ip_allowlist = '{}'`)
    .orderBy('page.id')
    .limit(1)
    .executeTakeFirst()
  return page?.slug
}

export type ShownRow = Awaited<ReturnType<typeof findShown>>[number]

export function findShown(db: Kysely<Tables>, pageId: number) {
  return db
    .selectFrom('status_page_components as component')
    .innerJoin('monitors', 'monitors.id', 'component.monitor_id')
    .innerJoin('monitor_states as state', 'state.monitor_id', 'monitors.id')
    .select([
      'component.monitor_id',
      sql<string>`coalesce(component.name, monitors.name)`.as('name'),
      'component.group_name',
      'state.last_status',
      'state.last_checked_at',
    ])
    .where('component.status_page_id', '=', pageId)
    .orderBy('component.position')
    .orderBy('component.id')
    .limit(200)
    .execute()
}

type Monitors = { readonly organizationId: number; readonly ids: readonly number[] }

export type RollupRow = Awaited<ReturnType<typeof findRollups>>[number]

/** Of all the monitors in one query, from a moment on. */
export function findRollups(
  db: Kysely<Tables>,
  table: 'check_rollups_daily' | 'check_rollups_hourly',
  { organizationId, ids }: Monitors,
  from: Date,
) {
  return db
    .selectFrom(table)
    .select(['monitor_id', 'starts_at', 'up', 'degraded', 'down', 'response_count', 'response_sum_ms'])
    .where('organization_id', '=', organizationId)
    .where('monitor_id', 'in', orNone(ids))
    .where('starts_at', '>=', from)
    .execute()
}

const mostIncidents = 50
const mostUpdates = 50
const mostWindows = 20

export type IncidentRow = Awaited<ReturnType<typeof findIncidents>>[number]

/** Open ones, and those that ended since then. A missed uptime target is the organization's own affair. */
export function findIncidents(db: Kysely<Tables>, { organizationId, ids }: Monitors, since: Date) {
  return (
    db
      .selectFrom('incidents')
      .select([
        'id',
        'monitor_id',
        'monitor_name',
        'title',
        'status',
        'severity',
        'started_at',
        'resolved_at',
        'postmortem',
        'postmortem_published_at',
      ])
      .where('organization_id', '=', organizationId)
      .where('monitor_id', 'in', orNone(ids))
      .where('cause', 'in', ['down', 'degraded'])
      .where((eb) => eb.or([eb('resolved_at', 'is', null), eb('resolved_at', '>=', since)]))
      // Many short ones of late must not push out one that is still open.
      .orderBy(sql`resolved_at IS NULL`, 'desc')
      .orderBy('id', 'desc')
      .limit(mostIncidents)
      .execute()
  )
}

export type UpdateRow = { incident_id: number; status: IncidentRow['status']; body: string; created_at: Date }

/** The newest of each incident, newest first. */
export async function findUpdates(db: Kysely<Tables>, incidentIds: readonly number[]): Promise<UpdateRow[]> {
  if (incidentIds.length === 0) return []
  const { rows } = await sql<UpdateRow>`
    SELECT incident_id, status, body, created_at
    FROM unnest(${[...incidentIds]}::integer[]) AS wanted
    CROSS JOIN LATERAL (
      SELECT id, incident_id, status, body, created_at FROM incident_updates
      WHERE incident_id = wanted ORDER BY id DESC LIMIT ${mostUpdates}) AS newest
    ORDER BY newest.id DESC`.execute(db)
  return rows
}

export type WindowRow = Awaited<ReturnType<typeof findWindows>>[number]

/** Windows that are not over and concern one of the monitors; `monitor_ids` is null where they concern all. */
export function findWindows(db: Kysely<Tables>, { organizationId, ids }: Monitors, now: Date) {
  const concerned = orNone(ids)
  return db
    .selectFrom('maintenance_windows as scheduled')
    .select(['scheduled.id', 'title', 'whole_organization', 'starts_at', 'ends_at'])
    .select(
      sql<number[]>`ARRAY(
        SELECT monitor_id FROM maintenance_window_monitors
        WHERE window_id = scheduled.id AND monitor_id = ANY(${concerned}::integer[]) ORDER BY monitor_id)`.as(
        'monitor_ids',
      ),
    )
    .where('organization_id', '=', organizationId)
    .where('ends_at', '>', now)
    .where((eb) =>
      eb.or([
        eb('whole_organization', '=', true),
        eb.exists(
          eb
            .selectFrom('maintenance_window_monitors as concerned')
            .select('concerned.monitor_id')
            .whereRef('concerned.window_id', '=', 'scheduled.id')
            .where('concerned.monitor_id', 'in', concerned),
        ),
      ]),
    )
    .orderBy('starts_at')
    .orderBy('scheduled.id')
    .limit(mostWindows)
    .execute()
}

/** An empty list is no list to SQL. */
function orNone(ids: readonly number[]): number[] {
  return ids.length === 0 ? [0] : [...ids]
}
