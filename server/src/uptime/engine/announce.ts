import type { MonitorStatus } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../../db/tables.ts'
import type { Queue } from '../../jobs/queue.ts'
import { emit } from '../events.ts'
import type { Opening, Released, Worsened } from './incidents.store.ts'
import type { LockedMonitor } from './locked.store.ts'
import type { Vote } from './transitions.ts'

export type Turn = { readonly change: 'opened' | 'resolved'; readonly cause: 'check' | 'slo' }

export type Ground = {
  readonly tx: Kysely<Tables>
  readonly queue: Queue
  readonly now: Date
  /** What became of incidents, to be counted once it is committed. */
  readonly turns: Turn[]
}

export async function announceChange(
  { tx, queue, now }: Ground,
  { monitor_id: monitorId, organization_id: organizationId, name, url, last_status: from }: LockedMonitor,
  { status: to, errorMessage }: Vote,
): Promise<void> {
  await emit(queue, tx, {
    id: `monitor.${monitorId}.status_changed.${now.getTime()}`,
    type: 'monitor.status_changed',
    organizationId,
    monitorId,
    incidentId: null,
    at: now.toISOString(),
    data: { from, to, errorMessage, monitorName: name, monitorUrl: url },
  })
}

export async function announceOpened(
  ground: Ground,
  incidentId: number,
  opening: Opening,
  monitorUrl: string,
): Promise<void> {
  ground.turns.push({ change: 'opened', cause: opening.cause === 'slo' ? 'slo' : 'check' })
  await tellOpened(ground, incidentId, opening, monitorUrl)
}

/** The same event once more, for those who were spared it; who has heard it knows it by its id. */
export async function announceReleased(
  ground: Ground,
  { id, cause, error_message: errorMessage, started_at: startedAt }: Released,
  { monitor_id: monitorId, organization_id: organizationId, name: monitorName, url }: LockedMonitor,
): Promise<void> {
  const opening = { organizationId, monitorId, monitorName, cause, errorMessage, suppressedById: null, startedAt }
  await tellOpened(ground, id, opening, url)
}

async function tellOpened(
  { tx, queue, now }: Ground,
  incidentId: number,
  { organizationId, monitorId, monitorName, cause, errorMessage, suppressedById, startedAt }: Opening,
  monitorUrl: string,
): Promise<void> {
  await emit(queue, tx, {
    id: `incident.${incidentId}.opened`,
    type: 'incident.opened',
    organizationId,
    monitorId,
    incidentId,
    at: now.toISOString(),
    data: {
      cause,
      status: cause === 'slo' ? null : cause,
      errorMessage,
      monitorName,
      monitorUrl,
      startedAt: startedAt.toISOString(),
      suppressed: suppressedById !== null,
      suppressedById,
    },
  })
}

/** Alerts go out once for an incident; this is for those who read its updates. */
export async function announceWorsened(
  { tx, queue, now }: Ground,
  { id, update_id: updateId, status, suppressed_by_id }: Worsened,
  { monitor_id: monitorId, organization_id: organizationId }: LockedMonitor,
): Promise<void> {
  // Nobody was told that it began.
  if (suppressed_by_id !== null) return
  await emit(queue, tx, {
    id: `incident.${id}.updated.${updateId}`,
    type: 'incident.updated',
    organizationId,
    monitorId,
    incidentId: id,
    at: now.toISOString(),
    data: { updateId, status },
  })
}

/** Never suppressed: whoever hears of an incident hears of its end. */
export async function announceResolved(
  { tx, queue, now, turns }: Ground,
  incidentId: number,
  { monitor_id: monitorId, organization_id: organizationId, name, url }: LockedMonitor,
  { status, cause }: { readonly status: MonitorStatus; readonly cause: Turn['cause'] },
): Promise<void> {
  turns.push({ change: 'resolved', cause })
  await emit(queue, tx, {
    id: `incident.${incidentId}.resolved`,
    type: 'incident.resolved',
    organizationId,
    monitorId,
    incidentId,
    at: now.toISOString(),
    data: { autoResolved: true, status, monitorName: name, monitorUrl: url },
  })
}
