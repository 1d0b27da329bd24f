import type { MonitorStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import type { CheckedClaim } from './results.ts'
import type { Parent } from './suppression.ts'

export type LockedMonitor = {
  readonly monitor_id: number
  readonly organization_id: number
  readonly name: string
  readonly url: string
  readonly interval_sec: number
  readonly alert_threshold: number
  readonly alert_on_degraded: boolean
  readonly uptime_target_bp: number
  readonly uptime_window_days: number
  readonly has_regions: boolean
  readonly last_status: MonitorStatus | null
  readonly last_checked_at: Date | null
  readonly consecutive_failures: number
  /** When somebody resolved its incident, if that was since its last check: the next one takes the threshold again. */
  readonly resolved_by_hand_at: Date | null
  readonly slo_breach_open: boolean
  /** What its open incident says, if there is one. */
  readonly incident_cause: 'down' | 'degraded' | null
  /** Of that incident; null also where somebody has acknowledged it, who need not be told. */
  readonly suppressed_by_id: number | null
}

/**
 * Locks the states whose claims still hold, in the order of their ids, as every writer of them does; then reads what the
 * results are weighed against. A monitor that was paused, deleted or taken over meanwhile is not among them.
 */
export async function lockMonitorStates(
  tx: Kysely<Tables>,
  checked: readonly CheckedClaim[],
): Promise<Map<number, LockedMonitor>> {
  const { rows: held } = await sql<{ monitor_id: number }>`
    SELECT state.monitor_id
    FROM unnest(
      ${checked.map(({ monitorId }) => monitorId)}::integer[],
      ${checked.map(({ leaseUntil }) => leaseUntil)}::timestamptz[],
      ${checked.map(({ heartbeatSeen }) => heartbeatSeen)}::timestamptz[]
    ) AS given (id, lease, heartbeat_seen)
    JOIN monitor_states AS state ON state.monitor_id = given.id AND state.claimed_until = given.lease
    WHERE state.next_check_at IS NOT NULL
      AND date_trunc('milliseconds', state.heartbeat_last_received_at)
        IS NOT DISTINCT FROM date_trunc('milliseconds', given.heartbeat_seen)
    ORDER BY state.monitor_id
    FOR UPDATE OF state`.execute(tx)
  // A statement of its own: it sees what the locks had to wait for.
  const { rows } = await sql<LockedMonitor>`
    SELECT state.monitor_id, monitors.organization_id, name, url, interval_sec, alert_threshold, alert_on_degraded,
      uptime_target_bp, uptime_window_days, cardinality(regions) > 1 AS has_regions, last_status, last_checked_at,
      consecutive_failures, slo_breach_open, incidents.cause AS incident_cause,
      CASE WHEN consecutive_failures > 0 THEN (
        SELECT CASE WHEN latest.resolved_at >= last_checked_at AND NOT latest.auto_resolved THEN latest.resolved_at END
        FROM incidents AS latest
        WHERE latest.monitor_id = held.id AND (latest.cause = 'slo') = false
        ORDER BY latest.id DESC LIMIT 1
      ) END AS resolved_by_hand_at,
      CASE WHEN acknowledged_at IS NULL THEN suppressed_by_id END AS suppressed_by_id
    FROM unnest(${held.map(({ monitor_id }) => monitor_id)}::integer[]) AS held (id)
    JOIN monitor_states AS state ON state.monitor_id = held.id
    JOIN monitors ON monitors.id = held.id
    LEFT JOIN incidents ON incidents.monitor_id = held.id AND incidents.resolved_at IS NULL
      AND (incidents.cause = 'slo') = false`.execute(tx)
  return new Map(rows.map((row) => [row.monitor_id, row]))
}

export type ParentOf = Parent & { readonly id: number; readonly childId: number; readonly timeoutMs: number }

export async function readParents(tx: Kysely<Tables>, childIds: readonly number[]): Promise<Map<number, ParentOf[]>> {
  const parents = new Map<number, ParentOf[]>()
  if (childIds.length === 0) return parents
  const { rows } = await sql<ParentOf>`
    SELECT depends_on_id AS id, dependency.monitor_id AS "childId", timeout_ms AS "timeoutMs", paused AS "isPaused",
      type = 'heartbeat' AS "isHeartbeat", last_status AS "lastStatus", consecutive_failures AS "consecutiveFailures",
      incidents.id AS "incidentId", greatest(last_checked_at, heartbeat_last_received_at) AS "seenAt",
      greatest(next_check_at,
        heartbeat_last_received_at + (interval_sec + heartbeat_grace_sec) * interval '1 second') AS "looksAt"
    FROM monitor_dependencies AS dependency
    JOIN monitors ON monitors.id = depends_on_id
    JOIN monitor_states AS state ON state.monitor_id = depends_on_id
    LEFT JOIN incidents ON incidents.monitor_id = depends_on_id AND incidents.resolved_at IS NULL
      AND (incidents.cause = 'slo') = false
    WHERE dependency.monitor_id = ANY (${[...childIds]}::integer[])`.execute(tx)
  for (const row of rows) {
    const own = parents.get(row.childId) ?? []
    own.push(row)
    parents.set(row.childId, own)
  }
  return parents
}

/** Has somebody look at them now. */
export async function expedite(tx: Kysely<Tables>, monitorIds: readonly number[], now: Date): Promise<void> {
  if (monitorIds.length === 0) return
  // Whoever holds one of these locks may wait for ours, and is about to write a newer result anyway.
  await sql`
    UPDATE monitor_states AS state SET next_check_at = ${now}::timestamptz
    FROM (
      SELECT monitor_id FROM monitor_states
      WHERE monitor_id = ANY (${[...monitorIds]}::integer[]) AND next_check_at > ${now}::timestamptz
      FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE state.monitor_id = free.monitor_id`.execute(tx)
}
