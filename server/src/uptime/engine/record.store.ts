import type { MonitorStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import { bucketCount, bucketOf } from '../rollups.ts'

/** A result with what follows from it, as the tables take it. */
export type Entry = {
  readonly organizationId: number
  readonly monitorId: number
  readonly checkedAt: Date
  /** What this region found, and what is made of it. */
  readonly found: MonitorStatus
  readonly status: MonitorStatus
  readonly responseTimeMs: number | null
  readonly statusCode: number | null
  readonly errorMessage: string | null
  readonly isInMaintenance: boolean
  readonly consecutiveFailures: number
  readonly nextCheckAt: Date | undefined
}

/**
 * The schedule is fixed: however long a check takes, the next is due a whole number of intervals after this one was,
 * and slots that were missed are skipped. A due time that was changed meanwhile stays.
 */
export async function writeStates(tx: Kysely<Tables>, entries: readonly Entry[], now: Date): Promise<void> {
  await sql`
    UPDATE monitor_states AS state SET
      last_status = given.status,
      last_checked_at = given.checked_at,
      consecutive_failures = given.failures,
      claimed_until = NULL,
      next_check_at = CASE
        WHEN state.next_check_at > ${now}::timestamptz THEN state.next_check_at
        WHEN given.next_check_at IS NOT NULL THEN given.next_check_at
        ELSE state.next_check_at + interval '1 second' * monitors.interval_sec *
          (1 + floor(extract(epoch FROM ${now}::timestamptz - state.next_check_at) / monitors.interval_sec))
      END
    FROM unnest(
      ${entries.map(({ monitorId }) => monitorId)}::integer[],
      ${entries.map(({ status }) => status)}::text[],
      ${entries.map(({ checkedAt }) => checkedAt)}::timestamptz[],
      ${entries.map(({ consecutiveFailures }) => consecutiveFailures)}::integer[],
      ${entries.map(({ nextCheckAt }) => nextCheckAt ?? null)}::timestamptz[]
    ) AS given (id, status, checked_at, failures, next_check_at)
    JOIN monitors ON monitors.id = given.id
    WHERE state.monitor_id = given.id`.execute(tx)
}

export async function writeChecks(tx: Kysely<Tables>, entries: readonly Entry[]): Promise<void> {
  await sql`
    INSERT INTO checks (organization_id, monitor_id, checked_at, region, status, response_time_ms, status_code,
      error_message, in_maintenance)
    SELECT organization_id, monitor_id, checked_at, 'local', status, response_time_ms, status_code, error_message,
      in_maintenance
    FROM unnest(
      ${entries.map(({ organizationId }) => organizationId)}::integer[],
      ${entries.map(({ monitorId }) => monitorId)}::integer[],
      ${entries.map(({ checkedAt }) => checkedAt)}::timestamptz[],
      ${entries.map(({ found }) => found)}::text[],
      ${entries.map(({ responseTimeMs }) => responseTimeMs)}::integer[],
      ${entries.map(({ statusCode }) => statusCode)}::smallint[],
      ${entries.map(({ errorMessage }) => errorMessage)}::text[],
      ${entries.map(({ isInMaintenance }) => isInMaintenance)}::boolean[]
    ) AS given (organization_id, monitor_id, checked_at, status, response_time_ms, status_code, error_message,
      in_maintenance)`.execute(tx)
}

const grains = [
  { table: 'check_rollups_hourly', unit: 'hour' },
  { table: 'check_rollups_daily', unit: 'day' },
] as const

/**
 * One statement per table; an entry stands for one check, so its histogram is one bucket or none. Answers the monitors
 * that were down at any time of the same day.
 */
export async function addToRollups(tx: Kysely<Tables>, entries: readonly Entry[]): Promise<Set<number>> {
  const counted = entries.map(({ isInMaintenance, status }) => (isInMaintenance ? 'in_maintenance' : status))
  const timed = entries.map(({ isInMaintenance, status, responseTimeMs }) =>
    isInMaintenance || status === 'down' ? null : responseTimeMs,
  )
  const buckets = timed.map((milliseconds) => (milliseconds === null ? null : bucketOf(milliseconds) + 1))
  const downToday = new Set<number>()
  for (const { table, unit } of grains) {
    const { rows } = await sql<{ monitor_id: number; has_been_down: boolean }>`
      INSERT INTO ${sql.table(table)} AS kept (organization_id, monitor_id, starts_at, up, degraded, down, in_maintenance,
        response_count, response_sum_ms, response_min_ms, response_max_ms, histogram)
      SELECT organization_id, monitor_id, date_trunc(${unit}, checked_at, 'UTC'), (counted = 'up')::integer,
        (counted = 'degraded')::integer, (counted = 'down')::integer, (counted = 'in_maintenance')::integer,
        (bucket IS NOT NULL)::integer, coalesce(timed, 0), timed, timed,
        CASE WHEN bucket IS NULL THEN array_fill(0, ARRAY[${bucketCount}::integer])
          ELSE array_fill(0, ARRAY[bucket - 1]) || 1 || array_fill(0, ARRAY[${bucketCount}::integer - bucket]) END
      FROM unnest(
        ${entries.map(({ organizationId }) => organizationId)}::integer[],
        ${entries.map(({ monitorId }) => monitorId)}::integer[],
        ${entries.map(({ checkedAt }) => checkedAt)}::timestamptz[],
        ${counted}::text[],
        ${timed}::integer[],
        ${buckets}::integer[]
      ) AS given (organization_id, monitor_id, checked_at, counted, timed, bucket)
      ON CONFLICT (organization_id, monitor_id, starts_at) DO UPDATE SET
        up = kept.up + EXCLUDED.up,
        degraded = kept.degraded + EXCLUDED.degraded,
        down = kept.down + EXCLUDED.down,
        in_maintenance = kept.in_maintenance + EXCLUDED.in_maintenance,
        response_count = kept.response_count + EXCLUDED.response_count,
        response_sum_ms = kept.response_sum_ms + EXCLUDED.response_sum_ms,
        response_min_ms = least(kept.response_min_ms, EXCLUDED.response_min_ms),
        response_max_ms = greatest(kept.response_max_ms, EXCLUDED.response_max_ms),
        histogram = CASE WHEN EXCLUDED.response_count = 0 THEN kept.histogram
          ELSE kept.histogram[:array_position(EXCLUDED.histogram, 1) - 1]
            || kept.histogram[array_position(EXCLUDED.histogram, 1)] + 1
            || kept.histogram[array_position(EXCLUDED.histogram, 1) + 1:] END
      RETURNING monitor_id, down > 0 AS has_been_down`.execute(tx)
    if (unit !== 'day') continue
    for (const { monitor_id, has_been_down } of rows) if (has_been_down) downToday.add(monitor_id)
  }
  return downToday
}
