import { operation } from '../operation.ts'
import { caller } from '../policy.ts'
import { integerId, moment, queryFlag, queryInteger, text, timestamp, z } from '../primitives.ts'

const mostMonitors = 100

const MaintenanceWindow = z
  .object({
    id: z.int(),
    title: z.string(),
    monitorIds: z.array(z.int()).max(mostMonitors).nullable().openapi({
      description: 'By id. `null`: every monitor of the organization.',
    }),
    startsAt: timestamp,
    endsAt: timestamp,
    status: z.enum(['scheduled', 'active', 'ended']),
    createdByUserId: z.int().nullable(),
    createdAt: timestamp,
  })
  .openapi('MaintenanceWindow', {
    description: 'A time in which nobody is alerted, and which does not count against the uptime.',
    example: {
      id: 5,
      title: 'Database upgrade',
      monitorIds: [41, 42],
      startsAt: '2026-05-16T02:00:00.000Z',
      endsAt: '2026-05-16T04:00:00.000Z',
      status: 'scheduled',
      createdByUserId: 3,
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

const MaintenanceWindowCreate = z
  .strictObject({
    title: text(1, 255).optional().openapi({ description: 'Shown on status pages. Absent: `Maintenance`.' }),
    monitorIds: z
      .array(z.int().min(1).max(2147483647))
      .min(1)
      .max(mostMonitors)
      .nullable()
      .optional()
      .openapi({ description: 'Absent or `null`: every monitor of the organization, also those that come later.' }),
    startsAt: moment.openapi({ description: 'May be in the past: from now on, then.' }),
    endsAt: moment.openapi({ description: 'In the future, after `startsAt`, and at most 30 days after it.' }),
  })
  .openapi('MaintenanceWindowCreate', {
    description: 'When, and for which monitors.',
    example: {
      title: 'Database upgrade',
      monitorIds: null,
      startsAt: '2126-05-16T02:00:00.000Z',
      endsAt: '2126-05-16T04:00:00.000Z',
    },
  })

const params = z.strictObject({ id: integerId.openapi({ description: 'The id of the maintenance window.' }) })
const reading = caller({ scope: 'maintenance:read', role: 'viewer' })
const writing = caller({ scope: 'maintenance:write', role: 'member' })

export const maintenanceWindows = {
  list: operation({
    method: 'get',
    path: '/api/v1/maintenance-windows',
    summary: 'List maintenance windows',
    description: 'Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    query: z.strictObject({
      active: queryFlag.optional().openapi({ description: 'Only windows that are, or are not, in force right now.' }),
      from: moment.optional().openapi({ description: 'Only windows that end after this.' }),
      to: moment.optional().openapi({ description: 'Only windows that start before this.' }),
      limit: queryInteger({ min: 1, max: 500, default: 100 }).openapi({ description: 'How many to answer at most.' }),
      before: integerId.optional().openapi({ description: 'Only windows with a smaller id: the next page.' }),
    }),
    success: { status: 200, description: 'Maintenance windows, newest first.', body: z.array(MaintenanceWindow) },
    errors: ['BAD_TIME_RANGE'],
    pagination: { style: 'keyset', parameter: 'before', key: 'id' },
  }),
  create: operation({
    method: 'post',
    path: '/api/v1/maintenance-windows',
    summary: 'Schedule a maintenance window',
    description:
      'Checks keep running and are kept, but what they find opens no incident, alerts nobody and does not count against the uptime.',
    origin: '24observe',
    access: writing,
    limit: 'api',
    body: MaintenanceWindowCreate,
    success: { status: 201, description: 'The new window.', body: MaintenanceWindow },
    errors: ['NOT_FOUND'],
    audit: 'CREATE_MAINTENANCE_WINDOW',
    agent: 'write',
  }),
  get: operation({
    method: 'get',
    path: '/api/v1/maintenance-windows/{id}',
    summary: 'Read a maintenance window',
    description: 'When it is, and for which monitors.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    success: { status: 200, description: 'The window.', body: MaintenanceWindow },
    errors: ['NOT_FOUND'],
  }),
  delete: operation({
    method: 'delete',
    path: '/api/v1/maintenance-windows/{id}',
    summary: 'Cancel a maintenance window',
    description:
      'One that has not begun is gone. One that is in force ends now, and stays listed as what was; so does one that has ended, which does not change.',
    origin: '24observe',
    access: writing,
    limit: 'api',
    params,
    success: { status: 204, description: 'Cancelled.' },
    errors: ['NOT_FOUND'],
    audit: 'DELETE_MAINTENANCE_WINDOW',
  }),
}
