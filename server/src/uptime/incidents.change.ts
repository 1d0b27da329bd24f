import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Actor } from '../http/actor.ts'
import type { Queue } from '../jobs/queue.ts'
import { emit, type UptimeEvent } from './events.ts'
import { changeIncident, type IncidentRow } from './incidents.store.ts'

type Announcement = Pick<UptimeEvent, 'id' | 'type' | 'organizationId' | 'data'> & { readonly now: Date }

/** Tells of a change that a person made, in the transaction that makes it. */
export function announce(db: Kysely<Tables>, queue: Queue, row: IncidentRow, said: Announcement): Promise<void> {
  const { id, type, organizationId, data, now } = said
  const event = { id, type, organizationId, monitorId: row.monitor_id, incidentId: row.id, at: now.toISOString(), data }
  return emit(queue, db, event)
}

type Resolution = { readonly actor: Actor; readonly now: Date; readonly updateId: number | null }

/** By hand: the monitor keeps its status, which only a check can change. The row must be locked and open. */
export async function resolveIncident(
  db: Kysely<Tables>,
  queue: Queue,
  row: IncidentRow,
  { actor, now, updateId }: Resolution,
): Promise<IncidentRow> {
  const { organizationId, userId } = actor
  const change = { status: 'resolved', resolved_at: now, resolved_by_user_id: userId } as const
  const resolved = await changeIncident(db, organizationId, row.id, change)
  await announce(db, queue, row, {
    type: 'incident.resolved',
    id: `incident.${row.id}.resolved`,
    organizationId,
    now,
    data: { autoResolved: false, resolvedByUserId: userId, updateId },
  })
  return resolved
}
