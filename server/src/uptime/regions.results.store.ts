import type { MonitorStatus } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { RegionAgent } from './regions.agents.store.ts'
import { writeVotes } from './regions.votes.store.ts'

export type RegionResult = {
  readonly monitorId: number
  readonly leaseUntil: Date
  readonly checkedAt: Date
  readonly status: MonitorStatus
  readonly responseTimeMs: number | null
  readonly statusCode: number | null
  readonly errorMessage: string | null
}

export type HeldCheck = {
  readonly monitor_id: number
  readonly interval_sec: number
  readonly last_status: MonitorStatus | null
}

/**
 * Those of the results whose claims still hold, locked until the end: first the monitors, for which whoever changes or
 * deletes them waits, then the claims, then the states, each in the order of ids. A local result that is written
 * meanwhile waits for these votes or is seen by them.
 */
export async function lockHeldChecks(
  tx: Kysely<Tables>,
  agent: RegionAgent,
  results: readonly RegionResult[],
  now: Date,
): Promise<Map<number, HeldCheck>> {
  const named = results.map(({ monitorId }) => monitorId)
  await sql`
    SELECT id FROM monitors WHERE id = ANY (${named}::integer[]) AND organization_id = ${agent.organizationId}
    ORDER BY id FOR SHARE`.execute(tx)
  const { rows: held } = await sql<{ monitor_id: number }>`
    SELECT one.monitor_id
    FROM unnest(${named}::integer[], ${results.map(({ leaseUntil }) => leaseUntil)}::timestamptz[]) AS given (id, lease)
    JOIN region_checks AS one ON one.monitor_id = given.id AND one.claimed_until = given.lease
    WHERE one.region = ${agent.region} AND one.claimed_by = ${agent.id} AND one.claimed_until > ${now}::timestamptz
    ORDER BY one.monitor_id
    FOR UPDATE OF one`.execute(tx)
  const { rows } = await sql<HeldCheck>`
    SELECT monitor_id, interval_sec, last_status
    FROM monitor_states JOIN monitors ON monitors.id = monitor_id
    WHERE monitor_id = ANY (${held.map(({ monitor_id }) => monitor_id)}::integer[])
    ORDER BY monitor_id
    FOR UPDATE OF monitor_states`.execute(tx)
  return new Map(rows.map((row) => [row.monitor_id, row]))
}

/** The schedule is fixed, as the local one is: slots that were missed are skipped. */
export async function scheduleNext(tx: Kysely<Tables>, agent: RegionAgent, ids: readonly number[], now: Date) {
  await sql`
    UPDATE region_checks AS one SET claimed_until = NULL, claimed_by = NULL, next_check_at =
      one.next_check_at + interval '1 second' * monitors.interval_sec *
        (1 + floor(extract(epoch FROM ${now}::timestamptz - one.next_check_at) / monitors.interval_sec))
    FROM monitors
    WHERE monitors.id = one.monitor_id AND one.region = ${agent.region}
      AND one.monitor_id = ANY (${[...ids]}::integer[])`.execute(tx)
}

export async function writeRegionChecks(
  tx: Kysely<Tables>,
  agent: RegionAgent,
  results: readonly RegionResult[],
  inMaintenance: ReadonlySet<number>,
): Promise<void> {
  const rows = results.map((result) => ({
    monitor_id: result.monitorId,
    region: agent.region,
    status: result.status,
    error_message: result.errorMessage,
    checked_at: result.checkedAt,
  }))
  await tx
    .insertInto('checks')
    .values(
      rows.map((row, index) => ({
        ...row,
        organization_id: agent.organizationId,
        response_time_ms: results[index]?.responseTimeMs ?? null,
        status_code: results[index]?.statusCode ?? null,
        in_maintenance: inMaintenance.has(row.monitor_id),
      })),
    )
    .execute()
  await writeVotes(tx, rows)
}

/**
 * The reports of an organization wait for each other here until the end of the transaction, so it is the last that one
 * does: who waits for it holds nothing that the one before still needs.
 */
export async function countRegionChecks(
  tx: Kysely<Tables>,
  organizationId: number,
  accepted: readonly Pick<RegionResult, 'checkedAt'>[],
): Promise<void> {
  if (accepted.length === 0) return
  await sql`
    INSERT INTO region_check_counts AS kept (organization_id, starts_at, checks)
    SELECT ${organizationId}::integer, date_trunc('month', checked_at, 'UTC') AS month, count(*)
    FROM unnest(${accepted.map(({ checkedAt }) => checkedAt)}::timestamptz[]) AS given (checked_at)
    GROUP BY month
    ORDER BY month
    ON CONFLICT (organization_id, starts_at) DO UPDATE SET checks = kept.checks + EXCLUDED.checks`.execute(tx)
}
