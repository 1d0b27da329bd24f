import type { BucketRow, CheckCursor, CheckRow, RollupRow } from './check-history.store.ts'
import { mergeHistograms, percentileOf } from './rollups.ts'
import type { Buckets } from './timeline-buckets.ts'
import { type Counts, fewestChecksToJudge, sloState, sumOf, total, uptimePercent } from './uptime-share.ts'

export function toCheck(row: CheckRow) {
  return {
    id: row.id,
    checkedAt: row.checked_at.toISOString(),
    status: row.status,
    responseTimeMs: row.response_time_ms,
    statusCode: row.status_code,
    errorMessage: row.error_message,
    region: row.region,
    inMaintenance: row.in_maintenance,
    cursor: `${row.microseconds}-${row.id}`,
  }
}

/** The other way round; the contract says what it looks like. */
export function readCursor(cursor: string): CheckCursor {
  const [microseconds, id] = cursor.split('-').map(Number)
  return { microseconds: microseconds ?? 0, id: id ?? 0 }
}

/** Counts, uptime and response times of some rollups together. */
export function toFigures(rows: readonly RollupRow[]) {
  const counts = sumOf(rows)
  const minMs = extremeOf(
    rows.map((row) => row.response_min_ms),
    Math.min,
  )
  const maxMs = extremeOf(
    rows.map((row) => row.response_max_ms),
    Math.max,
  )
  const histogram = mergeHistograms(rows.map((row) => row.histogram))
  const slowest = (share: number) => percentileOf(histogram, share, { min: minMs ?? 0, max: maxMs ?? 0 })
  return {
    checks: total(counts),
    ...counts,
    uptimePct: uptimePercent(counts),
    avgMs: average(
      rows.reduce((sum, row) => sum + row.response_sum_ms, 0),
      rows.reduce((sum, row) => sum + row.response_count, 0),
    ),
    minMs,
    maxMs,
    p50Ms: slowest(0.5),
    p95Ms: slowest(0.95),
    p99Ms: slowest(0.99),
  }
}

export function toSlo(counts: Counts, target: { uptime_target_bp: number; uptime_window_days: number }) {
  return {
    targetPct: target.uptime_target_bp / 10,
    windowDays: target.uptime_window_days,
    achievedPct: uptimePercent(counts),
    checks: total(counts),
    minChecks: fewestChecksToJudge,
    state: sloState(counts, target.uptime_target_bp),
  }
}

export function toTimeline({ bucketSec, count, from }: Buckets, rows: readonly BucketRow[]) {
  const byPlace = new Map(rows.map((row) => [row.bucket, row]))
  return {
    bucketSec,
    buckets: Array.from({ length: count }, (_, place) => {
      const row = byPlace.get(place)
      const { up, degraded, down } = row ?? { up: 0, degraded: 0, down: 0 }
      return {
        ts: new Date(from.getTime() + place * bucketSec * 1000).toISOString(),
        status: worstOf({ up, degraded, down }),
        up,
        degraded,
        down,
        uptimePct: uptimePercent({ up, degraded, down }),
        avgMs: row === undefined ? null : average(row.response_sum_ms, row.response_count),
      }
    }),
  }
}

function worstOf({ up, degraded, down }: Counts) {
  if (down > 0) return 'down' as const
  if (degraded > 0) return 'degraded' as const
  return up > 0 ? ('up' as const) : null
}

function average(sum: number, count: number): number | null {
  return count === 0 ? null : Math.round(sum / count)
}

function extremeOf(values: readonly (number | null)[], pick: (...values: number[]) => number): number | null {
  const given = values.filter((value) => value !== null)
  return given.length === 0 ? null : pick(...given)
}
