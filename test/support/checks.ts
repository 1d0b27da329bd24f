import { bucketCount, bucketOf, mergeHistograms } from '@owlery/server/uptime/rollups.ts'
import { sql } from 'kysely'
import type { Service } from './service.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

export type GivenCheck = {
  readonly at: Date
  readonly status: 'up' | 'degraded' | 'down'
  readonly ms?: number
  readonly statusCode?: number
  readonly error?: string
  readonly region?: string
  readonly inMaintenance?: boolean
}

type Owned = { readonly organizationId: number; readonly monitorId: number }

/** Puts checks into the tables, with the rollups that belong to them: summed up here, by other means than the service's. */
export async function recordChecks(service: Service, owned: Owned, checks: readonly GivenCheck[]): Promise<void> {
  const { db } = service.services.database
  const days = new Set(checks.map(({ at }) => at.toISOString().slice(0, 10)))
  for (const day of days) await sql`SELECT ensure_check_partitions(${day}::date, 1)`.execute(db)
  const owner = { organization_id: owned.organizationId, monitor_id: owned.monitorId }
  for (let first = 0; first < checks.length; first += 1000) {
    const rows = checks.slice(first, first + 1000).map((check) => ({
      ...owner,
      checked_at: check.at,
      region: check.region ?? 'local',
      status: check.status,
      response_time_ms: check.ms ?? null,
      status_code: check.statusCode ?? null,
      error_message: check.error ?? null,
      in_maintenance: check.inMaintenance ?? false,
    }))
    await db.insertInto('checks').values(rows).execute()
  }
  for (const [table, length] of [
    ['check_rollups_hourly', hourMs],
    ['check_rollups_daily', dayMs],
  ] as const) {
    const own = checks.filter(({ region = 'local' }) => region === 'local')
    const groups = Map.groupBy(own, ({ at }) => Math.floor(at.getTime() / length) * length)
    for (const [start, group] of groups) {
      await db
        .insertInto(table)
        .values({ ...owner, starts_at: new Date(start), ...rollupOf(group) })
        .execute()
    }
  }
}

/** The histogram of one response time, or of none. */
export function histogramOf(milliseconds: number | null): number[] {
  const counts = new Array<number>(bucketCount).fill(0)
  if (milliseconds !== null) counts[bucketOf(milliseconds)] = 1
  return counts
}

function rollupOf(checks: readonly GivenCheck[]) {
  const counted = checks.filter(({ inMaintenance }) => inMaintenance !== true)
  const times = counted.filter(({ status }) => status !== 'down').flatMap(({ ms }) => (ms === undefined ? [] : [ms]))
  const count = (wanted: string) => counted.filter(({ status }) => status === wanted).length
  return {
    up: count('up'),
    degraded: count('degraded'),
    down: count('down'),
    in_maintenance: checks.length - counted.length,
    response_count: times.length,
    response_sum_ms: times.reduce((sum, time) => sum + time, 0),
    response_min_ms: times.length === 0 ? null : Math.min(...times),
    response_max_ms: times.length === 0 ? null : Math.max(...times),
    histogram: mergeHistograms(times.map(histogramOf)),
  }
}
