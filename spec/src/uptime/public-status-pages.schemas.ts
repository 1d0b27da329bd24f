import { timestamp, z } from '../primitives.ts'
import { StatusPageFooterLink } from './status-pages.schemas.ts'

const status = z.enum(['up', 'degraded', 'down'])
const percentage = z.number().nullable().openapi({
  description: 'In percent, cut after three decimals, without maintenance. `null`: nothing is known.',
})

const day = { date: '2026-05-13', uptimePct: 99.93 }

const PublicComponentDay = z
  .object({ date: z.string().openapi({ description: 'A day in UTC.' }), uptimePct: percentage })
  .openapi('PublicComponentDay', { description: 'One day of a component.', example: day })

const componentExample = {
  id: 42,
  name: 'Shop',
  group: 'Websites',
  lastStatus: 'up',
  uptime24h: 100,
  uptime30d: 99.981,
  uptime90d: 99.964,
  daily: [day],
  responseHourly: [182, null, 175],
}

const PublicComponent = z
  .object({
    id: z.int().openapi({ description: 'The id of the monitor, as its badge has it.' }),
    name: z.string(),
    group: z.string().nullable(),
    lastStatus: status.nullable().openapi({ description: '`null`: never checked.' }),
    uptime24h: percentage,
    uptime30d: percentage,
    uptime90d: percentage,
    daily: z.array(PublicComponentDay).openapi({ description: 'The last 90 days, today last.' }),
    responseHourly: z.array(z.int().nullable()).openapi({
      description: 'Mean response times of the last 24 hours in milliseconds, this hour last.',
    }),
  })
  .openapi('PublicComponent', { description: 'A monitor as visitors see it.', example: componentExample })

const updateExample = {
  status: 'identified',
  body: 'A disk is full; we are moving its data.',
  createdAt: '2026-05-13T18:10:00.000Z',
}

const incidentStatus = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])

const PublicIncidentUpdate = z
  .object({ status: incidentStatus, body: z.string().openapi({ description: 'Markdown.' }), createdAt: timestamp })
  .openapi('PublicIncidentUpdate', { description: 'What was told of an incident.', example: updateExample })

const incidentExample = {
  id: 5,
  title: 'Shop is down',
  status: 'identified',
  severity: 'major',
  monitorId: 42,
  startedAt: '2026-05-13T18:00:00.000Z',
  resolvedAt: null,
  updates: [updateExample],
  postmortem: null,
  postmortemPublishedAt: null,
}

const PublicIncident = z
  .object({
    id: z.int(),
    title: z.string(),
    status: incidentStatus,
    severity: z.enum(['critical', 'major', 'minor', 'none']),
    monitorId: z.int(),
    startedAt: timestamp,
    resolvedAt: timestamp.nullable(),
    updates: z.array(PublicIncidentUpdate).openapi({ description: 'Newest first, at most 50.' }),
    postmortem: z.string().nullable().openapi({ description: 'Markdown, once it is published.' }),
    postmortemPublishedAt: timestamp.nullable(),
  })
  .openapi('PublicIncident', { description: 'An incident as visitors see it.', example: incidentExample })

const maintenanceExample = {
  id: 2,
  title: 'New database',
  status: 'scheduled',
  startsAt: '2026-05-20T02:00:00.000Z',
  endsAt: '2026-05-20T04:00:00.000Z',
  monitorIds: [42],
}

const PublicMaintenance = z
  .object({
    id: z.int(),
    title: z.string(),
    status: z.enum(['scheduled', 'active']),
    startsAt: timestamp,
    endsAt: timestamp,
    monitorIds: z.array(z.int()).openapi({ description: 'Those of this page that it concerns.' }),
  })
  .openapi('PublicMaintenance', { description: 'A maintenance window to come, or now.', example: maintenanceExample })

const brandingExample = {
  logoUrl: null,
  accentColor: '#1a7f37',
  footerLinks: [{ label: 'Imprint', url: 'https://example.com/imprint' }],
  customCss: null,
  hideBranding: false,
}

const PublicBranding = z
  .object({
    logoUrl: z.string().nullable(),
    accentColor: z.string().nullable(),
    footerLinks: z.array(StatusPageFooterLink),
    customCss: z.string().nullable(),
    hideBranding: z.boolean(),
  })
  .openapi('PublicBranding', { description: 'How the page is dressed.', example: brandingExample })

export const PublicStatusPage = z
  .object({
    slug: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    branding: PublicBranding,
    overallStatus: z.enum(['up', 'degraded', 'down', 'unknown']).openapi({
      description: 'The worst of its components; `unknown` while one of them was never checked, or there are none.',
    }),
    monitors: z.array(PublicComponent),
    incidents: z.array(PublicIncident).openapi({ description: 'Of the last 90 days, newest first, at most 50.' }),
    maintenance: z.array(PublicMaintenance).openapi({ description: 'Now and to come, the soonest first, at most 20.' }),
    updatedAt: timestamp.openapi({ description: 'The last check or change that it tells of.' }),
  })
  .openapi('PublicStatusPage', {
    description: 'All that a status page shows. No addresses, headers, channels or error messages.',
    example: {
      slug: 'acme',
      title: 'Acme status',
      description: 'How our services are.',
      branding: brandingExample,
      overallStatus: 'up',
      monitors: [componentExample],
      incidents: [incidentExample],
      maintenance: [maintenanceExample],
      updatedAt: '2026-05-13T18:10:00.000Z',
    },
  })

export const StatusPageUnlock = z
  .strictObject({
    password: z.string().min(1).max(128).openapi({ format: 'password', example: 'three blind mice run' }),
  })
  .openapi('StatusPageUnlock', {
    description: 'The password of the page.',
    example: { password: 'three blind mice run' },
  })

export const StatusPageUnlocked = z
  .object({
    ok: z.boolean(),
    token: z.string().openapi({ description: 'For the header X-Status-Page-Token; the cookie carries the same.' }),
    expiresIn: z.int().openapi({ description: 'Seconds.' }),
  })
  .openapi('StatusPageUnlocked', {
    description: 'The page is open, until then or until its password changes.',
    example: { ok: true, token: '1779192000.mF2gQ8pZ', expiresIn: 43200 },
  })

export const StatusPageNotice = z.object({ message: z.string() }).openapi('StatusPageNotice', {
  description: 'A sentence for people.',
  example: { message: 'If the address is right, a mail with a link is on its way.' },
})
