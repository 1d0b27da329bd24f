import type { MonitorType } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../db/tables.ts'

export type Claim = {
  readonly monitor_id: number
  readonly organization_id: number
  readonly due: Date
  readonly heartbeat_last_received_at: Date | null
  readonly type: MonitorType
  readonly url: string
  readonly timeout_ms: number
  readonly interval_sec: number
  readonly heartbeat_grace_sec: number
  readonly expected_status_code: number | null
  readonly degraded_response_time_ms: number | null
  readonly port: number | null
  readonly keyword: string | null
  readonly keyword_match_type: 'contains' | 'not_contains'
  readonly sealed_headers: string | null
}

/** Further away than any lease can be: it was written by a clock that has since been set back. */
const absurdLeaseMs = 10 * 60_000

/**
 * Takes what is due, the longest waiting first. Nobody else takes it before the lease ends; its end is also what the
 * result is accepted by. The due time stays in the row until then, so what a dead worker held is simply due again.
 */
export async function claimDue(
  db: Kysely<Tables>,
  { now, leaseUntil, limit }: { readonly now: Date; readonly leaseUntil: Date; readonly limit: number },
): Promise<Claim[]> {
  const absurd = new Date(now.getTime() + absurdLeaseMs)
  const { rows } = await sql<Claim>`
    WITH due AS (
      SELECT monitor_id FROM monitor_states
      WHERE next_check_at <= ${now}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${now}::timestamptz OR claimed_until > ${absurd}::timestamptz)
      ORDER BY next_check_at
      LIMIT ${limit}::integer
      FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE monitor_states AS state
      SET claimed_until = ${leaseUntil}::timestamptz
      FROM due
      WHERE state.monitor_id = due.monitor_id
      RETURNING state.monitor_id, state.next_check_at AS due, state.heartbeat_last_received_at
    )
    SELECT claimed.*, organization_id, type, url, timeout_ms, interval_sec, heartbeat_grace_sec, expected_status_code,
      degraded_response_time_ms, port, keyword, keyword_match_type, sealed_headers
    FROM claimed JOIN monitors ON monitors.id = claimed.monitor_id
    ORDER BY claimed.due`.execute(db)
  return rows
}

export type Held = { readonly monitorId: number; readonly leaseUntil: Date }

/** Gives claims back before they have a result: nobody takes them before `until`, or anybody at once without it. */
export async function giveBack(db: Kysely<Tables>, held: readonly Held[], until: Date | null): Promise<void> {
  if (held.length === 0) return
  await sql`
    UPDATE monitor_states AS state
    SET claimed_until = ${until}::timestamptz
    FROM (
      SELECT monitor_id FROM monitor_states AS one
      JOIN unnest(${held.map(({ monitorId }) => monitorId)}::integer[], ${held.map(({ leaseUntil }) => leaseUntil)}::timestamptz[])
        AS given (id, lease) ON given.id = one.monitor_id AND given.lease = one.claimed_until
      ORDER BY monitor_id
      FOR UPDATE OF one
    ) AS locked
    WHERE state.monitor_id = locked.monitor_id`.execute(db)
}

/**
 * What is asked has changed: checks that run now are no longer accepted, here and elsewhere, and are due again; what
 * other regions said before has no vote. The state comes last, as where agents report.
 */
export async function endClaims(db: Kysely<Tables>, monitorId: number): Promise<void> {
  await sql`
    UPDATE region_checks SET claimed_until = NULL, claimed_by = NULL
    WHERE monitor_id = ${monitorId} AND claimed_until IS NOT NULL`.execute(db)
  await sql`DELETE FROM region_results WHERE monitor_id = ${monitorId} AND region <> 'local'`.execute(db)
  await sql`
    UPDATE monitor_states SET claimed_until = NULL
    WHERE monitor_id = ${monitorId} AND claimed_until IS NOT NULL`.execute(db)
}

/**
 * Checks lie at most one interval ahead, and heartbeats were heard in the past. What lies further was written by a clock
 * that has since been set back, and would be left alone until that time comes again.
 */
export async function pullInStrays(db: Kysely<Tables>, now: Date): Promise<void> {
  await sql`
    UPDATE monitor_states AS state
    SET next_check_at = ${now}::timestamptz + CASE WHEN type = 'heartbeat' THEN patience ELSE random() * patience END
    FROM (
      SELECT id, type, interval '1 second' *
        (interval_sec + CASE WHEN type = 'heartbeat' THEN heartbeat_grace_sec ELSE 0 END) AS patience
      FROM monitors
    ) AS monitor
    WHERE monitor.id = state.monitor_id AND next_check_at > ${now}::timestamptz + patience + interval '1 minute'`.execute(
    db,
  )
  await sql`
    UPDATE monitor_states SET heartbeat_last_received_at = ${now}::timestamptz
    WHERE heartbeat_last_received_at > ${now}::timestamptz + interval '1 minute'`.execute(db)
}
