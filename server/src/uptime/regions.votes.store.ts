import type { MonitorStatus } from '@owlery/spec'
import { type Insertable, type Kysely, sql } from 'kysely'
import type { RegionResultsTable, Tables } from '../db/tables.ts'
import type { LockedMonitor } from './engine/locked.store.ts'
import type { Vote } from './engine/transitions.ts'

/** What regions found last, which is their part in the next consensus; a later one takes the place of the one before. */
export async function writeVotes(tx: Kysely<Tables>, votes: readonly Insertable<RegionResultsTable>[]): Promise<void> {
  if (votes.length === 0) return
  await tx
    .insertInto('region_results')
    .values(votes)
    .onConflict((conflict) =>
      conflict.columns(['monitor_id', 'region']).doUpdateSet((eb) => ({
        status: eb.ref('excluded.status'),
        error_message: eb.ref('excluded.error_message'),
        checked_at: eb.ref('excluded.checked_at'),
      })),
    )
    .execute()
}

/** What the other regions found within the last two intervals; who has been silent for longer has no vote. */
export async function readVotes(
  tx: Kysely<Tables>,
  monitors: readonly LockedMonitor[],
  now: Date,
): Promise<Map<number, Vote[]>> {
  const votes = new Map<number, Vote[]>()
  if (monitors.length === 0) return votes
  const { rows } = await sql<{ monitor_id: number; status: MonitorStatus; error_message: string | null }>`
    SELECT monitor_id, status, error_message
    FROM unnest(
      ${monitors.map(({ monitor_id }) => monitor_id)}::integer[], ${monitors.map(({ interval_sec }) => interval_sec)}::integer[]
    ) AS asked (id, interval_sec)
    JOIN region_results ON region_results.monitor_id = asked.id
    WHERE region <> 'local' AND checked_at > ${now}::timestamptz - 2 * asked.interval_sec * interval '1 second'
    ORDER BY monitor_id, region`.execute(tx)
  for (const { monitor_id, status, error_message } of rows) {
    const own = votes.get(monitor_id) ?? []
    own.push({ status, errorMessage: error_message })
    votes.set(monitor_id, own)
  }
  return votes
}

/** What every region said within the last two intervals, this machine's own included. */
export async function readAllVotes(
  tx: Kysely<Tables>,
  ids: readonly number[],
  now: Date,
): Promise<Map<number, MonitorStatus[]>> {
  const { rows } = await sql<{ monitor_id: number; statuses: MonitorStatus[] }>`
    SELECT region_results.monitor_id, array_agg(status ORDER BY region) AS statuses
    FROM region_results JOIN monitors ON monitors.id = region_results.monitor_id
    WHERE region_results.monitor_id = ANY (${[...ids]}::integer[])
      AND checked_at > ${now}::timestamptz - 2 * interval_sec * interval '1 second'
    GROUP BY region_results.monitor_id`.execute(tx)
  return new Map(rows.map(({ monitor_id, statuses }) => [monitor_id, statuses]))
}
