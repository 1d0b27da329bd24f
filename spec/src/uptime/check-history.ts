import { operation } from '../operation.ts'
import { caller } from '../policy.ts'
import { integerId, moment, queryInteger, z } from '../primitives.ts'
import { Check, MonitorStats, MonitorTimeline, mostTimelineBuckets, statsWindows } from './check-history.schemas.ts'
import { monitorRegions, monitorStatuses } from './monitors.schemas.ts'

const params = z.strictObject({ id: integerId.openapi({ description: 'The id of the monitor.' }) })
const reading = caller({ scope: 'monitors:read', role: 'viewer' })

/** Microseconds since 1970 and an id, as the newest of equal moments is told from the others. */
const cursorPattern = /^\d{1,16}-\d{1,15}$/

export const checkHistory = {
  list: operation({
    method: 'get',
    path: '/api/v1/monitors/{id}/checks',
    summary: 'List the checks of a monitor',
    description:
      'Newest first. A page is as long as `limit`; the next one begins `before` the `cursor` of the last check of this one. How long checks are kept is up to the operator, 90 days by default.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 500, default: 100 }).openapi({ description: 'How many to answer at most.' }),
      before: z.string().min(3).max(32).regex(cursorPattern, 'Not the cursor of a check').optional().openapi({
        description: 'The `cursor` of a check: only what comes after it in this order, which is the next page.',
        pattern: cursorPattern.source,
        example: '1778695260000000-90210',
      }),
      from: moment.optional().openapi({ description: 'Only checks of this moment or later.' }),
      to: moment.optional().openapi({ description: 'Only checks before this moment.' }),
      status: z.enum(monitorStatuses).optional().openapi({ description: 'Only checks that found this.' }),
      region: z.enum(monitorRegions).optional().openapi({ description: 'Only checks from there.' }),
    }),
    success: { status: 200, description: 'Checks, newest first.', body: z.array(Check) },
    errors: ['NOT_FOUND', 'BAD_TIME_RANGE'],
    pagination: { style: 'keyset', parameter: 'before', key: 'cursor' },
  }),
  stats: operation({
    method: 'get',
    path: '/api/v1/monitors/{id}/stats',
    summary: 'Read the figures of a monitor',
    description:
      'Uptime and response times over a while, and how the monitor stands to its uptime target. The window reaches back to a full hour.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    query: z.strictObject({
      window: z.enum(statsWindows).default('24h').openapi({ description: 'How far back from now.' }),
    }),
    success: { status: 200, description: 'The figures.', body: MonitorStats },
    errors: ['NOT_FOUND'],
  }),
  timeline: operation({
    method: 'get',
    path: '/api/v1/monitors/{id}/timeline',
    summary: 'Read the timeline of a monitor',
    description: `At most ${mostTimelineBuckets} pieces of time up to now, all of the same length and in step with the clock in UTC.`,
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    query: z.strictObject({
      hours: queryInteger({ min: 1, max: 2160, default: 24 }).openapi({ description: 'How far back from now.' }),
      bucketSec: queryInteger({ min: 60, max: 86400 })
        .optional()
        .openapi({
          description: `The seconds of a piece: whole minutes that divide an hour, or whole hours that divide a day, and no more than ${mostTimelineBuckets} pieces. Absent: 60 up to 4 hours, 300 up to a day, 3600 up to 12 days, else 86400.`,
        }),
    }),
    success: { status: 200, description: 'The timeline.', body: MonitorTimeline },
    errors: ['NOT_FOUND'],
  }),
}
