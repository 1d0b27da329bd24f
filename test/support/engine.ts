import type { MonitorCreate } from '@owlery/client'
import { sql } from 'kysely'
import { createOrganization, createPerson, type Person } from './actors.ts'
import { website } from './monitors.ts'
import type { Service } from './service.ts'

/** A monitor of this kind that is due now. */
export async function dueMonitor(service: Service, person: Person, more: Partial<MonitorCreate>): Promise<number> {
  const { id } = await service.client(person.session).uptime.monitors.create(website(more))
  await makeDue(service, id)
  return id
}

export async function makeDue(service: Service, id: number): Promise<void> {
  const { db } = service.services.database
  await db
    .updateTable('monitor_states')
    .set({ next_check_at: service.clock.now() })
    .where('monitor_id', '=', id)
    .execute()
}

export async function newOwner(service: Service): Promise<Person> {
  return createPerson(service, await createOrganization(service), 'owner')
}

/** Lets one interval pass and checks what is due then; a machine that stood still meanwhile checks again. */
export async function nextRound(service: Service, seconds = 60): Promise<number> {
  service.clock.advance(seconds * 1000)
  return service.services.engine.runDue()
}

export function stateOf(service: Service, id: number) {
  return service.services.database.db
    .selectFrom('monitor_states')
    .selectAll()
    .where('monitor_id', '=', id)
    .executeTakeFirstOrThrow()
}

export function checksOf(service: Service, id: number) {
  return service.services.database.db
    .selectFrom('checks')
    .select(['checked_at', 'status', 'status_code', 'error_message', 'in_maintenance', 'response_time_ms'])
    .where('monitor_id', '=', id)
    .orderBy('checked_at')
    .execute()
}

export function incidentsOf(service: Service, id: number) {
  return service.services.database.db
    .selectFrom('incidents')
    .select(['id', 'cause', 'status', 'severity', 'title', 'error_message', 'suppressed_by_id', 'auto_resolved'])
    .select(['started_at', 'resolved_at'])
    .where('monitor_id', '=', id)
    .orderBy('id')
    .execute()
}

/** What was announced of a monitor, in the order it happened, whoever has worked it off since. */
export async function eventsOf(service: Service, id: number): Promise<{ type: string; data: unknown }[]> {
  const { rows } = await sql<{ type: string; data: unknown }>`
    SELECT data ->> 'type' AS type, data -> 'data' AS data FROM jobs.job
    WHERE name = 'uptime.event' AND data ->> 'monitorId' = ${String(id)} ORDER BY created_on, id`.execute(
    service.services.database.db,
  )
  return rows
}
