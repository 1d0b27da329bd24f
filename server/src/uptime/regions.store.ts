import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { RegionAgent } from './regions.agents.store.ts'

export type RegionClaim = {
  readonly monitor_id: number
  readonly type: 'http' | 'https'
  readonly url: string
  readonly timeout_ms: number
  readonly interval_sec: number
  readonly expected_status_code: number | null
  readonly degraded_response_time_ms: number | null
  readonly sealed_headers: string | null
}

type Asked = { readonly now: Date; readonly leaseUntil: Date; readonly limit: number }

/** Further away than any lease can be: it was written by a clock that has since been set back. */
const absurdLeaseMs = 10 * 60_000
const mostScheduled = 1000

/** What is new, or has another interval, is put anywhere into it, so that many made at once do not run at once. */
export async function scheduleFresh(db: Kysely<Tables>, agent: RegionAgent, now: Date): Promise<void> {
  await sql`
    UPDATE region_checks AS one
    SET next_check_at = ${now}::timestamptz + random() * fresh.interval_sec * interval '1 second'
    FROM (
      SELECT monitor_id, interval_sec
      FROM region_checks JOIN monitors ON monitors.id = region_checks.monitor_id
      WHERE region_checks.organization_id = ${agent.organizationId} AND region = ${agent.region}
        AND next_check_at IS NULL
      LIMIT ${mostScheduled}::integer
      FOR UPDATE OF region_checks SKIP LOCKED
    ) AS fresh
    WHERE one.monitor_id = fresh.monitor_id AND one.region = ${agent.region}`.execute(db)
}

/** Takes what is due, the longest waiting first; of several agents that ask at once each gets other checks. */
export async function claimRegionChecks(db: Kysely<Tables>, agent: RegionAgent, asked: Asked): Promise<RegionClaim[]> {
  const { now, leaseUntil, limit } = asked
  const absurd = new Date(now.getTime() + absurdLeaseMs)
  const { rows } = await sql<RegionClaim>`
    WITH due AS (
      SELECT monitor_id FROM region_checks
      WHERE organization_id = ${agent.organizationId} AND region = ${agent.region}
        AND next_check_at <= ${now}::timestamptz
        AND (claimed_until IS NULL OR claimed_until <= ${now}::timestamptz OR claimed_until > ${absurd}::timestamptz)
      ORDER BY next_check_at
      LIMIT ${limit}::integer
      FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE region_checks AS one
      SET claimed_until = ${leaseUntil}::timestamptz, claimed_by = ${agent.id}
      FROM due
      WHERE one.monitor_id = due.monitor_id AND one.region = ${agent.region}
      RETURNING one.monitor_id, one.next_check_at
    )
    SELECT claimed.monitor_id, type, url, timeout_ms, interval_sec, expected_status_code, degraded_response_time_ms,
      sealed_headers
    FROM claimed JOIN monitors ON monitors.id = claimed.monitor_id
    ORDER BY claimed.next_check_at`.execute(db)
  return rows
}

export type Given = { readonly monitorId: number; readonly leaseUntil: Date; readonly until: Date }

/** Claims without a result: nobody takes the check before `until`, and it stays as late as it is. */
export async function giveBackChecks(db: Kysely<Tables>, agent: RegionAgent, given: readonly Given[]): Promise<void> {
  if (given.length === 0) return
  await sql`
    UPDATE region_checks AS one SET claimed_until = locked.until, claimed_by = NULL
    FROM (
      SELECT held.monitor_id, given.until
      FROM region_checks AS held
      JOIN unnest(
        ${given.map(({ monitorId }) => monitorId)}::integer[],
        ${given.map(({ leaseUntil }) => leaseUntil)}::timestamptz[],
        ${given.map(({ until }) => until)}::timestamptz[]
      ) AS given (id, lease, until) ON given.id = held.monitor_id AND given.lease = held.claimed_until
      WHERE held.region = ${agent.region} AND held.claimed_by = ${agent.id}
      ORDER BY held.monitor_id
      FOR UPDATE OF held
    ) AS locked
    WHERE one.monitor_id = locked.monitor_id AND one.region = ${agent.region}`.execute(db)
}

/**
 * Checks lie at most one interval ahead. What lies further was scheduled by a clock that has since been set back, and
 * would be left alone until that time comes again.
 */
export async function pullInRegionStrays(
  db: Kysely<Tables>,
  organizationId: number,
  region: string,
  now: Date,
): Promise<void> {
  await sql`
    UPDATE region_checks AS one SET next_check_at = NULL
    FROM monitors
    WHERE monitors.id = one.monitor_id AND one.organization_id = ${organizationId} AND one.region = ${region}
      AND one.next_check_at > ${now}::timestamptz + (monitors.interval_sec + 60) * interval '1 second'`.execute(db)
}
