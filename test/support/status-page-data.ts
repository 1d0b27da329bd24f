import { createPerson } from './actors.ts'
import { openIncident } from './incidents.ts'
import { website } from './monitors.ts'
import type { Service } from './service.ts'
import { freshSlug } from './status-pages.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

type Component = {
  readonly name: string
  readonly group: string | null
  readonly status: 'up' | 'degraded' | 'down' | null
  readonly meanMs: number
  /** Days ago on which it was down for a while, and for how many of its 1440 checks. */
  readonly trouble: Readonly<Record<number, number>>
}

const components: readonly Component[] = [
  { name: 'Shop', group: 'Websites', status: 'up', meanMs: 180, trouble: { 3: 1, 17: 90 } },
  {
    name: 'Customer portal with a rather long name',
    group: 'Websites',
    status: 'degraded',
    meanMs: 640,
    trouble: { 0: 12 },
  },
  { name: 'Public API', group: 'Interfaces', status: 'up', meanMs: 45, trouble: { 41: 25 } },
  { name: 'Webhooks', group: 'Interfaces', status: 'down', meanMs: 95, trouble: { 0: 200, 1: 4, 60: 700 } },
  { name: 'Nightly backup', group: null, status: null, meanMs: 0, trouble: {} },
]

/** A page as it looks after some months: good days and bad ones, an incident in its midst, maintenance to come. */
export async function lifelikePage(service: Service, organizationId: number) {
  const owner = await createPerson(service, organizationId, 'owner')
  const { monitors, statusPages, maintenanceWindows } = service.client(owner.session).uptime
  const ids: number[] = []
  for (const component of components) {
    const { id } = await monitors.create(website())
    ids.push(id)
    await fill(service, organizationId, id, component)
  }
  const page = await statusPages.create({
    slug: freshSlug(),
    title: 'Acme status',
    description: 'How our services are. More at [the help pages](https://help.acme.example/).',
    accentColor: '#7a1fa2',
    footerLinks: [
      { label: 'Imprint', url: 'https://acme.example/imprint' },
      { label: 'Privacy', url: 'https://acme.example/privacy' },
    ],
    components: components.map(({ name, group }, index) => ({ monitorId: ids[index] ?? 0, name, group })),
  })
  const now = service.clock.now().getTime()
  const open = await openIncident(service, organizationId, {
    monitorId: ids[3] ?? 0,
    startedAt: new Date(now - 3 * hourMs),
  })
  await say(
    service,
    open,
    'identified',
    'A queue is full.\n\n- We are adding workers.\n- Deliveries are **late, not lost**.',
    2,
  )
  await say(service, open, 'monitoring', 'Deliveries are catching up; see `GET /status` for the delay.', 1)
  await service.services.database.db
    .updateTable('incidents')
    .set({ status: 'monitoring' })
    .where('id', '=', open)
    .execute()
  const past = await openIncident(service, organizationId, {
    monitorId: ids[0] ?? 0,
    startedAt: new Date(now - 17 * dayMs),
  })
  await say(service, past, 'resolved', 'The certificate is renewed.', 17 * 24 - 2)
  await service.services.database.db
    .updateTable('incidents')
    .set({
      status: 'resolved',
      resolved_at: new Date(now - 17 * dayMs + 2 * hourMs),
      postmortem:
        '# What happened\n\nNobody renewed the certificate.\n\n```\nnotAfter=May 13\n```\n\nIt renews itself now.',
      postmortem_published_at: new Date(now),
    })
    .where('id', '=', past)
    .execute()
  const startsAt = new Date(now + 2 * dayMs).toISOString()
  const endsAt = new Date(now + 2 * dayMs + 2 * hourMs).toISOString()
  const monitorIds = ids.slice(0, 2)
  await maintenanceWindows.create({ title: 'New database for the websites', startsAt, endsAt, monitorIds })
  return { page, owner, open, past }
}

function say(
  service: Service,
  incident: number,
  status: 'identified' | 'monitoring' | 'resolved',
  body: string,
  hoursAgo: number,
) {
  const created_at = new Date(service.clock.now().getTime() - hoursAgo * hourMs)
  const values = { incident_id: incident, status, body, created_at }
  return service.services.database.db.insertInto('incident_updates').values(values).execute()
}

async function fill(service: Service, organizationId: number, monitorId: number, component: Component): Promise<void> {
  const { db } = service.services.database
  const { status, meanMs, trouble } = component
  await db.updateTable('monitor_states').set({ last_status: status }).where('monitor_id', '=', monitorId).execute()
  if (status === null) return
  const now = service.clock.now().getTime()
  const row = (startsAt: number, checks: number, down: number, mean: number) => ({
    organization_id: organizationId,
    monitor_id: monitorId,
    starts_at: new Date(startsAt),
    up: checks - down,
    degraded: 0,
    down,
    in_maintenance: 0,
    response_count: checks - down,
    response_sum_ms: (checks - down) * mean,
    response_min_ms: null,
    response_max_ms: null,
    histogram: [],
  })
  const today = Math.floor(now / dayMs) * dayMs
  // It has been watched for eighty days, so the first ten bars are empty.
  const days = Array.from({ length: 80 }, (_, ago) => row(today - ago * dayMs, 1440, trouble[ago] ?? 0, meanMs))
  const thisHour = Math.floor(now / hourMs) * hourMs
  const hours = Array.from({ length: 24 }, (_, ago) => {
    const mean = Math.round(meanMs * (1 + 0.35 * Math.sin(ago / 3) + (ago === 6 ? 0.8 : 0)))
    return row(thisHour - ago * hourMs, 60, status === 'down' && ago < 3 ? 60 : 0, mean)
  })
  await db.insertInto('check_rollups_daily').values(days).execute()
  await db.insertInto('check_rollups_hourly').values(hours).execute()
}
