import type { MonitorStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Buckets } from './timeline-buckets.ts'
import type { Counts } from './uptime-share.ts'

export type Owned = { readonly organizationId: number; readonly monitorId: number }

/** The uptime that the monitor aims for; undefined if the organization has no such monitor. */
export function findTarget(db: Kysely<Tables>, { organizationId, monitorId }: Owned) {
  return db
    .selectFrom('monitors')
    .select(['uptime_target_bp', 'uptime_window_days'])
    .where('organization_id', '=', organizationId)
    .where('id', '=', monitorId)
    .executeTakeFirst()
}

/** Microseconds, because that is what the column holds: a Date would skip or repeat what lies between. */
export type CheckCursor = { readonly microseconds: number; readonly id: number }

export type CheckPage = {
  readonly limit: number
  readonly before: CheckCursor | undefined
  readonly from: Date | undefined
  readonly to: Date | undefined
  readonly status: MonitorStatus | undefined
  readonly region: string | undefined
}

export type CheckRow = Awaited<ReturnType<typeof listChecks>>[number]

/** Newest first, along the primary key: the partitions are read from the newest on, until the page is full. */
export function listChecks(db: Kysely<Tables>, { organizationId, monitorId }: Owned, page: CheckPage) {
  const { limit, before, from, to, status, region } = page
  let query = db
    .selectFrom('checks')
    .select(['id', 'checked_at', 'region', 'status', 'response_time_ms', 'status_code', 'error_message'])
    .select('in_maintenance')
    .select(sql<number>`(extract(epoch FROM checked_at) * 1000000)::bigint`.as('microseconds'))
    .where('organization_id', '=', organizationId)
    .where('monitor_id', '=', monitorId)
  if (from !== undefined) query = query.where('checked_at', '>=', from)
  if (to !== undefined) query = query.where('checked_at', '<', to)
  // As a literal, so that the planner sees whether the index of what was not up holds the answer.
  if (status !== undefined) query = query.where('status', '=', sql.lit(status))
  if (region !== undefined) query = query.where('region', '=', region)
  if (before !== undefined) {
    const moment = sql`${momentText(before.microseconds)}::timestamptz`
    // The first condition is implied by the second, but only the first one leaves partitions out.
    query = query
      .where(sql<boolean>`checked_at <= ${moment}`)
      .where(sql<boolean>`(checked_at, id) < (${moment}, ${before.id}::bigint)`)
  }
  return query.orderBy('checked_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

function momentText(microseconds: number): string {
  const whole = new Date(Math.floor(microseconds / 1000)).toISOString()
  return whole.replace('Z', `${String(microseconds % 1000).padStart(3, '0')}Z`)
}

const rollupTables = { hourly: 'check_rollups_hourly', daily: 'check_rollups_daily' } as const

function rollupsSince(db: Kysely<Tables>, grain: 'hourly' | 'daily', { organizationId, monitorId }: Owned, from: Date) {
  return db
    .selectFrom(rollupTables[grain])
    .where('organization_id', '=', organizationId)
    .where('monitor_id', '=', monitorId)
    .where('starts_at', '>=', from)
}

const dayMs = 86_400_000

export type RollupRow = Awaited<ReturnType<typeof readRollups>>[number]

/** All that was counted since a full hour: hours up to the first midnight, then days. 114 rows for the longest window. */
export function readRollups(db: Kysely<Tables>, owned: Owned, from: Date) {
  const midnight = new Date(Math.ceil(from.getTime() / dayMs) * dayMs)
  const columns = [
    'up',
    'degraded',
    'down',
    'response_count',
    'response_sum_ms',
    'response_min_ms',
    'response_max_ms',
    'histogram',
  ] as const
  return rollupsSince(db, 'hourly', owned, from)
    .where('starts_at', '<', midnight)
    .select(columns)
    .unionAll(rollupsSince(db, 'daily', owned, midnight).select(columns))
    .execute()
}

export type BucketRow = Counts & {
  readonly bucket: number
  readonly response_count: number
  readonly response_sum_ms: number
}

/** The counts of each bucket that has any; `bucket` is its place. */
export function sumRollups(
  db: Kysely<Tables>,
  grain: 'hourly' | 'daily',
  owned: Owned,
  buckets: Buckets,
): Promise<BucketRow[]> {
  const sum = (column: string) => sql<number>`sum(${sql.ref(column)})::bigint`
  return rollupsSince(db, grain, owned, buckets.from)
    .where('starts_at', '<', endOf(buckets))
    .select([
      placeOf('starts_at', buckets).as('bucket'),
      sum('up').as('up'),
      sum('degraded').as('degraded'),
      sum('down').as('down'),
      sum('response_count').as('response_count'),
      sum('response_sum_ms').as('response_sum_ms'),
    ])
    .groupBy('bucket')
    .execute()
}

/** The same from the checks themselves. */
export function sumChecks(db: Kysely<Tables>, owned: Owned, buckets: Buckets): Promise<BucketRow[]> {
  const count = (status: MonitorStatus) => sql<number>`count(*) FILTER (WHERE status = ${sql.lit(status)})`
  const timed = sql`FILTER (WHERE status <> 'down')`
  return (
    db
      .selectFrom('checks')
      .where('organization_id', '=', owned.organizationId)
      .where('monitor_id', '=', owned.monitorId)
      .where('checked_at', '>=', buckets.from)
      .where('checked_at', '<', endOf(buckets))
      .where('in_maintenance', '=', false)
      // Rollups count once for all regions of a monitor, and a timeline must not change its counts with its scale.
      .where('region', '=', 'local')
      .select([
        placeOf('checked_at', buckets).as('bucket'),
        count('up').as('up'),
        count('degraded').as('degraded'),
        count('down').as('down'),
        sql<number>`count(response_time_ms) ${timed}`.as('response_count'),
        sql<number>`coalesce(sum(response_time_ms) ${timed}, 0)::bigint`.as('response_sum_ms'),
      ])
      .groupBy('bucket')
      .execute()
  )
}

function placeOf(column: string, { from, bucketSec }: Buckets) {
  return sql<number>`floor(extract(epoch FROM ${sql.ref(column)} - ${from}::timestamptz) / ${bucketSec}::integer)::integer`
}

function endOf({ from, bucketSec, count }: Buckets): Date {
  return new Date(from.getTime() + bucketSec * count * 1000)
}
