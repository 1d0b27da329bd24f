import { emit, type UptimeEvent } from '@owlery/server/uptime/events.ts'
import type { Person } from './actors.ts'
import { website } from './monitors.ts'
import type { Service } from './service.ts'

export type IncidentSeed = {
  readonly monitorId?: number | null
  readonly monitorName?: string
  readonly startedAt?: Date
  readonly cause?: 'down' | 'degraded' | 'slo'
  readonly errorMessage?: string | null
  readonly suppressedById?: number | null
}

/** An open incident as the engine writes one, without its event. */
export async function openIncident(service: Service, organizationId: number, seed: IncidentSeed = {}): Promise<number> {
  const { monitorId = null, monitorName = 'Shop', startedAt = service.clock.now(), cause = 'down' } = seed
  const { id } = await service.services.database.db
    .insertInto('incidents')
    .values({
      organization_id: organizationId,
      monitor_id: monitorId,
      cause,
      monitor_name: monitorName,
      title: `${monitorName} is ${cause}`,
      severity: 'major',
      error_message: seed.errorMessage === undefined ? 'expected status 200, got 503' : seed.errorMessage,
      suppressed_by_id: seed.suppressedById ?? null,
      started_at: startedAt,
      created_at: startedAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** A monitor of the person's with an open incident. */
export async function monitorWithIncident(
  service: Service,
  person: Person,
  more: Parameters<typeof website>[0] = {},
): Promise<{ readonly monitorId: number; readonly incidentId: number }> {
  const { id, name } = await service.client(person.session).uptime.monitors.create(website(more))
  const incidentId = await openIncident(service, person.organizationId, { monitorId: id, monitorName: name })
  return { monitorId: id, incidentId }
}

/** The events that wait to be worked, oldest first. The queue must have been started without workers. */
export async function eventsOf(service: Service, incidentId: number): Promise<unknown[]> {
  const { rows } = await service.services.database.executeSql(
    `SELECT data FROM jobs.job WHERE name = 'uptime.event' AND (data ->> 'incidentId')::integer = $1 ORDER BY created_on`,
    [incidentId],
  )
  return rows.map(({ data }) => data)
}

/** The body of a maintenance window that begins in an hour and takes one. */
export function nextHour(service: Service, monitorIds: number[] | null = null) {
  const inHours = (hours: number) => new Date(service.clock.now().getTime() + hours * 3_600_000).toISOString()
  return { monitorIds, startsAt: inHours(1), endsAt: inHours(2) }
}

/** Opens an incident the way the engine does: with the event, in one transaction. */
export async function announceIncident(service: Service, organizationId: number, seed: IncidentSeed): Promise<number> {
  const id = await openIncident(service, organizationId, seed)
  await announce(service, {
    organizationId,
    incidentId: id,
    monitorId: seed.monitorId ?? null,
    type: 'incident.opened',
  })
  return id
}

type Announced = Pick<UptimeEvent, 'organizationId' | 'incidentId' | 'monitorId' | 'type'>

export function announce(service: Service, told: Announced): Promise<void> {
  const { queue, database } = service.services
  return database.db.transaction().execute((tx) => emit(queue, tx, eventOf(service, told)))
}

export function eventOf(service: Service, told: Announced): UptimeEvent {
  const id = `incident.${told.incidentId}.${told.type.split('.')[1]}`
  return { ...told, id, at: service.clock.now().toISOString(), data: { errorMessage: null } }
}

export function deliveriesOf(service: Service, incidentId: number) {
  return service.services.database.db
    .selectFrom('incident_deliveries')
    .select(['id', 'channel', 'transition', 'status', 'attempts', 'error_message'])
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .execute()
}
