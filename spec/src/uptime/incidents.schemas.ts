import { text, timestamp, z } from '../primitives.ts'
import { alertChannels } from './monitors.replies.ts'

const incidentStatuses = ['investigating', 'identified', 'monitoring', 'resolved'] as const
export type IncidentStatus = (typeof incidentStatuses)[number]

/** `open` asks for whatever is not resolved. */
export const incidentFilters = [...incidentStatuses, 'open'] as const
export type IncidentFilter = (typeof incidentFilters)[number]

const incidentSeverities = ['critical', 'major', 'minor', 'none'] as const
const incidentCauses = ['down', 'degraded', 'slo', 'log_alert'] as const

export const mostUpdatesShown = 200

const shown = {
  id: z.int(),
  monitorId: z.int().nullable().openapi({ description: '`null`: the monitor is deleted, or there was none.' }),
  logAlertId: z.int().nullable(),
  monitorName: z.string().openapi({ description: 'As the monitor was called when the incident opened.' }),
  title: z.string(),
  status: z.enum(incidentStatuses),
  severity: z.enum(incidentSeverities),
  cause: z.enum(incidentCauses).openapi({
    description:
      'What opened it: bad checks, an uptime target that was missed, or an alert on logs. Degraded turns into down with the monitor, never back.',
  }),
  errorMessage: z
    .string()
    .nullable()
    .openapi({ description: 'What the check that opened it, or made it worse, found.' }),
  suppressedById: z.int().nullable().openapi({
    description:
      'The incident of a monitor this one depends on: nobody is alerted twice for one failure. `null` again where that one is over and this one lasts on, which alerts after all.',
  }),
  startedAt: timestamp,
  acknowledgedAt: timestamp.nullable(),
  acknowledgedByUserId: z.int().nullable(),
  resolvedAt: timestamp.nullable(),
  resolvedByUserId: z.int().nullable(),
  autoResolved: z.boolean().openapi({ description: 'Whether a good check resolved it, rather than a person.' }),
  postmortem: z.string().nullable().openapi({ description: 'In Markdown.' }),
  postmortemPublishedAt: timestamp.nullable(),
  createdAt: timestamp,
}

const incidentExample = {
  id: 7,
  monitorId: 42,
  logAlertId: null,
  monitorName: 'Shop',
  title: 'Shop is down',
  status: 'investigating',
  severity: 'major',
  cause: 'down',
  errorMessage: 'expected status 200, got 503',
  suppressedById: null,
  startedAt: '2026-05-13T18:00:00.000Z',
  acknowledgedAt: null,
  acknowledgedByUserId: null,
  resolvedAt: null,
  resolvedByUserId: null,
  autoResolved: false,
  postmortem: null,
  postmortemPublishedAt: null,
  createdAt: '2026-05-13T18:00:00.000Z',
}

export const Incident = z.object(shown).openapi('Incident', {
  description: 'A time in which a monitor was not as it should be.',
  example: incidentExample,
})

const updateExample = {
  id: 9,
  status: 'identified',
  body: 'A deployment took the shop down; it is being rolled back.',
  createdAt: '2026-05-13T18:05:00.000Z',
  authorUserId: 3,
}

export const IncidentUpdate = z
  .object({
    id: z.int(),
    status: z.enum(incidentStatuses),
    body: z.string(),
    createdAt: timestamp,
    authorUserId: z.int().nullable(),
  })
  .openapi('IncidentUpdate', { description: 'What somebody wrote of an incident.', example: updateExample })

export const IncidentWithUpdates = z
  .object({
    ...shown,
    updates: z
      .array(IncidentUpdate)
      .max(mostUpdatesShown)
      .openapi({
        description: `Oldest first; of more than ${mostUpdatesShown}, the latest.`,
      }),
  })
  .openapi('IncidentWithUpdates', {
    description: 'An incident with what was written of it.',
    example: { ...incidentExample, status: 'identified', updates: [updateExample] },
  })

const updateBody = text(1, 5000).openapi({
  description: 'For everybody: it appears on the status pages that show the monitor.',
})

export const IncidentUpdateCreate = z
  .strictObject({ status: z.enum(incidentStatuses), body: updateBody })
  .openapi('IncidentUpdateCreate', {
    description: 'What to say, and where the incident stands now; `resolved` resolves it.',
    example: { status: 'identified', body: 'A deployment took the shop down; it is being rolled back.' },
  })

export const IncidentResolve = z.strictObject({ body: updateBody.optional() }).openapi('IncidentResolve', {
  description: 'A last word, if there is one to say.',
  example: { body: 'The rollback is done and the shop answers again.' },
})

export const PostmortemPut = z
  .strictObject({ postmortem: text(1, 50000).nullable().openapi({ description: 'In Markdown; `null` removes it.' }) })
  .openapi('PostmortemPut', {
    description: 'What happened, why, and what is done so that it does not happen again.',
    example: { postmortem: '## What happened\n\nA deployment took the shop down for ten minutes.' },
  })

export const IncidentDelivery = z
  .object({
    id: z.int(),
    channel: z.enum(alertChannels),
    transition: z.enum(['opened', 'resolved']).openapi({ description: 'What the alert tells of.' }),
    status: z.enum(['pending', 'sent', 'failed', 'suppressed']).openapi({
      description: '`suppressed`: held back because the failure was known already, or because the monitor is gone.',
    }),
    attempts: z.int().openapi({ description: 'How often it was tried. After three failures it is over.' }),
    errorMessage: z.string().nullable().openapi({ description: 'Why the last try failed.' }),
    createdAt: timestamp,
    finishedAt: timestamp.nullable(),
  })
  .openapi('IncidentDelivery', {
    description: 'An alert that went, or shall go, through one channel.',
    example: {
      id: 15,
      channel: 'slack',
      transition: 'opened',
      status: 'sent',
      attempts: 1,
      errorMessage: null,
      createdAt: '2026-05-13T18:00:01.000Z',
      finishedAt: '2026-05-13T18:00:02.000Z',
    },
  })

/** Eight channels, each told once that it opened and once that it is over. */
export const mostDeliveries = alertChannels.length * 2
