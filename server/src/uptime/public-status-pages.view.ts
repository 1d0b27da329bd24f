import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { figuresOf, firstDay, firstHour } from './public-status-pages.figures.ts'
import {
  findIncidents,
  findRollups,
  findShown,
  findUpdates,
  findWindows,
  type IncidentRow,
  type PublicPageRow,
  type RollupRow,
  type ShownRow,
  type UpdateRow,
  type WindowRow,
} from './public-status-pages.store.ts'
import { toFooterLinks } from './status-pages.view.ts'

export type PublicView = Awaited<ReturnType<typeof toPublicPage>>
export type PublicIncident = ReturnType<typeof toIncident>
export type PublicComponent = PublicView['monitors'][number]

/** Everything a visitor may know, from one query for each kind of thing. Columns are named, so nothing else slips in. */
export async function toPublicPage(db: Kysely<Tables>, page: PublicPageRow, now: Date) {
  const shown = await findShown(db, page.id)
  const monitors = { organizationId: page.organization_id, ids: shown.map(({ monitor_id }) => monitor_id) }
  const daily = byMonitor(await findRollups(db, 'check_rollups_daily', monitors, firstDay(now)))
  const hourly = byMonitor(await findRollups(db, 'check_rollups_hourly', monitors, firstHour(now)))
  const incidents = await incidentsOf(db, page, shown, now)
  const windows = await findWindows(db, monitors, now)
  return {
    slug: page.slug,
    title: page.title,
    description: page.description,
    branding: {
      logoUrl: page.logo_url,
      accentColor: page.accent_color,
      footerLinks: toFooterLinks(page.footer_links),
      customCss: page.custom_css,
      hideBranding: page.hide_branding,
    },
    overallStatus: overallOf(shown.map(({ last_status }) => last_status)),
    monitors: shown.map((row) => ({
      id: row.monitor_id,
      name: row.name,
      group: row.group_name,
      lastStatus: row.last_status,
      ...copied(figuresOf(daily.get(row.monitor_id) ?? [], hourly.get(row.monitor_id) ?? [], now)),
    })),
    incidents,
    maintenance: windows.map((row) => toMaintenance(row, monitors.ids, now)),
    updatedAt: latest([
      page.created_at.toISOString(),
      ...shown.map(({ last_checked_at }) => last_checked_at?.toISOString() ?? null),
      ...incidents.map(changedAt),
    ]),
  }
}

function copied({ daily, responseHourly, ...rest }: ReturnType<typeof figuresOf>) {
  return { ...rest, daily: [...daily], responseHourly: [...responseHourly] }
}

/** Incidents as visitors see them, newest first: the feed needs nothing more of a page. */
export async function incidentsOf(db: Kysely<Tables>, page: PublicPageRow, shown: readonly ShownRow[], now: Date) {
  const monitors = { organizationId: page.organization_id, ids: shown.map(({ monitor_id }) => monitor_id) }
  const rows = await findIncidents(db, monitors, firstDay(now))
  const updates = await findUpdates(
    db,
    rows.map(({ id }) => id),
  )
  const names = new Map(shown.map(({ monitor_id, name }) => [monitor_id, name]))
  const newestFirst = rows.toSorted((one, other) => other.id - one.id)
  return newestFirst.flatMap((row) => {
    const name = row.monitor_id === null ? undefined : names.get(row.monitor_id)
    if (name === undefined || row.monitor_id === null) return []
    const own = updates.filter(({ incident_id }) => incident_id === row.id)
    return [toIncident({ ...row, monitor_id: row.monitor_id }, own, name)]
  })
}

type ShownIncident = IncidentRow & { readonly monitor_id: number }

function toIncident(row: ShownIncident, updates: readonly UpdateRow[], name: string) {
  return {
    id: row.id,
    title: publicTitle(row, name),
    status: row.status,
    severity: row.severity,
    monitorId: row.monitor_id,
    startedAt: row.started_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    updates: updates.map(({ status, body, created_at }) => ({ status, body, createdAt: created_at.toISOString() })),
    postmortem: row.postmortem_published_at === null ? null : row.postmortem,
    postmortemPublishedAt: row.postmortem_published_at?.toISOString() ?? null,
  }
}

/** When there was last something new to read in it. */
export function changedAt({ startedAt, resolvedAt, updates, postmortemPublishedAt }: PublicIncident): string {
  return latest([startedAt, resolvedAt, updates[0]?.createdAt ?? null, postmortemPublishedAt])
}

/** What a monitor is called inside is nobody's business outside. */
export function publicTitle(
  { title, monitor_name }: Pick<IncidentRow, 'title' | 'monitor_name'>,
  name: string,
): string {
  return title.startsWith(monitor_name) ? name + title.slice(monitor_name.length) : title
}

function toMaintenance(row: WindowRow, shown: readonly number[], now: Date) {
  return {
    id: row.id,
    title: row.title,
    status: row.starts_at <= now ? ('active' as const) : ('scheduled' as const),
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    monitorIds: row.whole_organization ? [...shown] : row.monitor_ids,
  }
}

export function overallOf(statuses: readonly ShownRow['last_status'][]): 'up' | 'degraded' | 'down' | 'unknown' {
  if (statuses.includes('down')) return 'down'
  if (statuses.includes('degraded')) return 'degraded'
  return statuses.includes(null) || statuses.length === 0 ? 'unknown' : 'up'
}

function byMonitor(rows: readonly RollupRow[]): Map<number, RollupRow[]> {
  const found = new Map<number, RollupRow[]>()
  for (const row of rows) {
    const own = found.get(row.monitor_id)
    if (own === undefined) found.set(row.monitor_id, [row])
    else own.push(row)
  }
  return found
}

function latest(moments: readonly (string | null)[]): string {
  return moments.reduce<string>((newest, one) => (one !== null && one > newest ? one : newest), '')
}
