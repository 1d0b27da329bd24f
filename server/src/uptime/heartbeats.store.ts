import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { addToRollups, writeChecks } from './engine/record.store.ts'
import { monitorsInMaintenance } from './maintenance-windows.store.ts'

export type Beat = { readonly tokenHash: Buffer; readonly at: Date }

/** `recovers`: something says that the monitor was not up. */
export type Noted = { readonly monitorId: number; readonly recovers: boolean }

/** Notes them in one statement, hence in one commit. What has no monitor is undefined, in the place of its beat. */
export async function noteBeats(db: Kysely<Tables>, beats: readonly Beat[]): Promise<(Noted | undefined)[]> {
  const hashes = beats.map(({ tokenHash }) => tokenHash.toString('hex'))
  const at = new Date(Math.max(...beats.map((beat) => beat.at.getTime())))
  // The rows are locked in the order of their ids, so that the batches of several processes never block each other.
  const { rows } = await sql<{ hash: string; monitor_id: number; recovers: boolean }>`
    WITH found AS (
      SELECT id, paused, encode(heartbeat_token_hash, 'hex') AS hash
      FROM monitors
      WHERE heartbeat_token_hash IN (SELECT decode(hash, 'hex') FROM unnest(${hashes}::text[]) AS hash)
    ), held AS (
      SELECT monitor_id FROM monitor_states
      WHERE monitor_id IN (SELECT id FROM found)
      ORDER BY monitor_id
      FOR UPDATE
    )
    UPDATE monitor_states AS state
    SET heartbeat_last_received_at = greatest(state.heartbeat_last_received_at, ${at}::timestamptz)
    FROM found JOIN held ON held.monitor_id = found.id
    WHERE state.monitor_id = found.id
    RETURNING found.hash, state.monitor_id,
      NOT found.paused AND (state.last_status IS DISTINCT FROM 'up' OR state.consecutive_failures > 0) AS recovers`.execute(
    db,
  )
  const byHash = new Map(rows.map((row) => [row.hash, { monitorId: row.monitor_id, recovers: row.recovers }]))
  return hashes.map((hash) => byHash.get(hash))
}

export type Recovered = {
  readonly organizationId: number
  readonly name: string
  readonly url: string
  readonly from: string | null
  readonly incidentIds: readonly number[]
}

/**
 * The monitor is up and what its silence opened is resolved; nothing if it is paused, gone, or up already. The state is
 * locked first, as every writer of it does, so that of two heartbeats one recovers it.
 */
export async function recover(tx: Kysely<Tables>, monitorId: number, at: Date): Promise<Recovered | undefined> {
  const state = await tx
    .selectFrom('monitor_states')
    .innerJoin('monitors', 'monitors.id', 'monitor_states.monitor_id')
    .select(['organization_id', 'name', 'url', 'paused', 'last_status', 'consecutive_failures'])
    .where('monitor_id', '=', monitorId)
    .forUpdate(['monitor_states'])
    .executeTakeFirst()
  if (state === undefined || state.paused) return undefined
  if (state.last_status === 'up' && state.consecutive_failures === 0) return undefined
  await tx
    .updateTable('monitor_states')
    .set({ last_status: 'up', consecutive_failures: 0, last_checked_at: at })
    .where('monitor_id', '=', monitorId)
    .execute()
  await writeHistory(tx, { organizationId: state.organization_id, monitorId, at })
  const resolved = await tx
    .updateTable('incidents')
    .set((eb) => ({
      status: 'resolved',
      resolved_at: at,
      auto_resolved: true,
      version: eb('version', '+', 1),
    }))
    .where('monitor_id', '=', monitorId)
    .where('cause', 'in', ['down', 'degraded'])
    .where('resolved_at', 'is', null)
    .returning('id')
    .execute()
  return {
    organizationId: state.organization_id,
    name: state.name,
    url: state.url,
    from: state.last_status,
    incidentIds: resolved.map(({ id }) => id),
  }
}

/** As every check that changes something: the history says since when it is up. */
async function writeHistory(
  tx: Kysely<Tables>,
  { organizationId, monitorId, at }: { readonly organizationId: number; readonly monitorId: number; readonly at: Date },
): Promise<void> {
  const entry = {
    organizationId,
    monitorId,
    checkedAt: at,
    found: 'up',
    status: 'up',
    responseTimeMs: null,
    statusCode: null,
    errorMessage: null,
    isInMaintenance: (await monitorsInMaintenance(tx, [{ monitorId, from: at, to: at }])).has(monitorId),
    consecutiveFailures: 0,
    nextCheckAt: undefined,
  } as const
  await writeChecks(tx, [entry])
  await addToRollups(tx, [entry])
}
