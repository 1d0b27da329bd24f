import { timestamp, z } from '../primitives.ts'
import { monitorStatuses } from './monitors.schemas.ts'

const milliseconds = z.int().nullable()

/** Percent with three decimals, rounded down: 99.9996 is not 100. */
const percent = z.number().min(0).max(100)

export const Check = z
  .object({
    id: z.int(),
    checkedAt: timestamp,
    status: z.enum(monitorStatuses),
    responseTimeMs: milliseconds.openapi({ description: '`null`: there was no answer to time.' }),
    statusCode: z.int().nullable().openapi({ description: 'Of HTTP; `null` for other types and without an answer.' }),
    errorMessage: z.string().nullable(),
    region: z.string().openapi({ description: 'Where it was checked from.' }),
    inMaintenance: z.boolean().openapi({ description: 'Whether it counts for nothing, because a window covered it.' }),
    cursor: z.string().openapi({ description: 'What comes after this check begins `before` it.' }),
  })
  .openapi('Check', {
    description: 'What one check found.',
    example: {
      id: 90210,
      checkedAt: '2026-05-13T18:01:00.000Z',
      status: 'down',
      responseTimeMs: null,
      statusCode: 503,
      errorMessage: 'answered with status 503',
      region: 'local',
      inMaintenance: false,
      cursor: '1778695260000000-90210',
    },
  })

export const statsWindows = ['24h', '7d', '30d', '90d'] as const

const sloStates = ['no_data', 'building', 'ok', 'breached'] as const

const shareUp = percent.nullable().openapi({
  description: 'The share that was up or degraded, rounded down to three decimals. `null`: there were no checks.',
})

export const MonitorStats = z
  .object({
    window: z.enum(statsWindows),
    from: timestamp.openapi({ description: 'The full hour that the window begins with.' }),
    to: timestamp,
    checks: z.int().openapi({ description: 'Those outside of maintenance.' }),
    up: z.int(),
    degraded: z.int(),
    down: z.int(),
    uptimePct: shareUp,
    avgMs: milliseconds.openapi({
      description: 'Times are those of checks that were not down; `null`: there are none.',
    }),
    minMs: milliseconds,
    maxMs: milliseconds,
    p50Ms: milliseconds.openapi({ description: 'Half of the answers took no longer. Read from a histogram.' }),
    p95Ms: milliseconds,
    p99Ms: milliseconds,
    slo: z.object({
      targetPct: percent,
      windowDays: z.int(),
      achievedPct: shareUp,
      checks: z.int().openapi({ description: 'Those of the full days that the target is judged over, and of today.' }),
      minChecks: z.int().openapi({ description: 'With fewer checks than this it is not judged yet.' }),
      state: z.enum(sloStates),
    }),
  })
  .openapi('MonitorStats', {
    description: 'What the checks of a while come to. Checks in maintenance count for nothing.',
    example: {
      window: '24h',
      from: '2026-05-12T18:00:00.000Z',
      to: '2026-05-13T18:01:12.000Z',
      checks: 1441,
      up: 1430,
      degraded: 8,
      down: 3,
      uptimePct: 99.791,
      avgMs: 184,
      minMs: 92,
      maxMs: 2310,
      p50Ms: 171,
      p95Ms: 322,
      p99Ms: 910,
      slo: { targetPct: 99.9, windowDays: 30, achievedPct: 99.962, checks: 43120, minChecks: 20, state: 'ok' },
    },
  })

export const mostTimelineBuckets = 288

export const MonitorTimeline = z
  .object({
    bucketSec: z.int(),
    buckets: z
      .array(
        z.object({
          ts: timestamp.openapi({ description: 'When the bucket begins.' }),
          status: z
            .enum(monitorStatuses)
            .nullable()
            .openapi({ description: 'The worst that was found; `null`: none.' }),
          up: z.int(),
          degraded: z.int(),
          down: z.int(),
          uptimePct: shareUp,
          avgMs: milliseconds,
        }),
      )
      .max(mostTimelineBuckets),
  })
  .openapi('MonitorTimeline', {
    description: 'Equally long pieces of time, oldest first, without a gap. Checks in maintenance are left out.',
    example: {
      bucketSec: 3600,
      buckets: [
        { ts: '2026-05-13T17:00:00.000Z', status: null, up: 0, degraded: 0, down: 0, uptimePct: null, avgMs: null },
        { ts: '2026-05-13T18:00:00.000Z', status: 'down', up: 57, degraded: 2, down: 1, uptimePct: 98.333, avgMs: 190 },
      ],
    },
  })
