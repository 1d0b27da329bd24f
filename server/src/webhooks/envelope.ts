import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { UptimeEvent } from '../uptime/events.ts'
import type { PlannedDelivery } from './queue.store.ts'

type Data = { readonly [field: string]: string | number | boolean | null }
type Told = { readonly data: Data; readonly subject: string }

/**
 * What subscribers are told of an event, in the bytes that every attempt sends and signs. Nothing, if what it is about
 * is gone, or if it is none of the events that can be subscribed to.
 */
export async function envelopeOf(db: Kysely<Tables>, event: UptimeEvent): Promise<PlannedDelivery | undefined> {
  const told = await tell(db, event)
  if (told === undefined) return undefined
  const occurredAt = new Date(event.at)
  const created = Math.floor(occurredAt.getTime() / 1000)
  return {
    eventType: event.type,
    eventId: event.id,
    payload: JSON.stringify({ id: event.id, type: event.type, created, data: told.data }),
    subject: told.subject,
    occurredAt,
  }
}

/** Whether anybody can have subscribed to it, so that nothing is read for the others. */
export function isTold({ type }: UptimeEvent): boolean {
  return type !== 'incident.updated'
}

function tell(db: Kysely<Tables>, event: UptimeEvent): Promise<Told | undefined> {
  switch (event.type) {
    case 'incident.opened':
    case 'incident.acknowledged':
    case 'incident.resolved':
      return tellIncident(db, event, event.type)
    case 'monitor.status_changed':
      return tellMonitor(db, event)
    case 'incident.updated':
      return Promise.resolve(undefined)
  }
}

type IncidentTransition = 'incident.opened' | 'incident.acknowledged' | 'incident.resolved'

async function tellIncident(
  db: Kysely<Tables>,
  event: UptimeEvent,
  type: IncidentTransition,
): Promise<Told | undefined> {
  const { incidentId, organizationId, at, data: known } = event
  if (incidentId === null) return undefined
  const incident = await db
    .selectFrom('incidents')
    .leftJoin('monitors', 'monitors.id', 'incidents.monitor_id')
    .select(['monitor_id', 'monitor_name', 'monitors.url', 'cause', 'error_message', 'started_at', 'auto_resolved'])
    .where('incidents.id', '=', incidentId)
    .where('incidents.organization_id', '=', organizationId)
    .executeTakeFirst()
  if (incident === undefined) return undefined
  const data = {
    incident_id: incidentId,
    monitor_id: incident.monitor_id,
    monitor_name: incident.monitor_name,
    monitor_url: incident.url,
    status: type === 'incident.resolved' ? 'resolved' : incident.cause,
    error_message: known.errorMessage ?? incident.error_message,
    opened_at: incident.started_at.toISOString(),
  }
  const subject = incident.monitor_id === null ? `incident:${incidentId}` : `monitor:${incident.monitor_id}`
  if (type === 'incident.opened') return { subject, data }
  if (type === 'incident.acknowledged') return { subject, data: { ...data, acknowledged_at: at } }
  return { subject, data: { ...data, resolved_at: at, auto_resolved: known.autoResolved ?? incident.auto_resolved } }
}

async function tellMonitor(db: Kysely<Tables>, event: UptimeEvent): Promise<Told | undefined> {
  const { monitorId, organizationId, at, data: known } = event
  if (monitorId === null) return undefined
  const monitor = await db
    .selectFrom('monitors')
    .select(['name', 'url'])
    .where('id', '=', monitorId)
    .where('organization_id', '=', organizationId)
    .executeTakeFirst()
  if (monitor === undefined) return undefined
  return {
    subject: `monitor:${monitorId}`,
    data: {
      monitor_id: monitorId,
      monitor_name: monitor.name,
      monitor_url: monitor.url,
      status: known.to ?? null,
      previous_status: known.from ?? null,
      error_message: known.errorMessage ?? null,
      changed_at: at,
    },
  }
}
