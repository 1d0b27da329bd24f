import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'

const uptimeEventTypes = [
  'incident.opened',
  'incident.acknowledged',
  'incident.updated',
  'incident.resolved',
  'monitor.status_changed',
] as const
export type UptimeEventType = (typeof uptimeEventTypes)[number]

/**
 * Something that happened to a monitor or an incident. It is sent in the transaction that made it happen, so it is
 * neither lost nor announced for nothing, and whoever has to tell somebody plans that from here.
 */
export type UptimeEvent = {
  /** Stays the same over retries: `incident.12.opened`. */
  readonly id: string
  readonly type: UptimeEventType
  readonly organizationId: number
  readonly monitorId: number | null
  readonly incidentId: number | null
  /** ISO 8601. */
  readonly at: string
  /** What only this moment knew: from, to, errorMessage, updateId, autoResolved … */
  readonly data: { readonly [key: string]: string | number | boolean | null }
}

export async function emit(queue: Queue, tx: Kysely<Tables>, event: UptimeEvent): Promise<void> {
  await queue.send('uptime.event', event, { tx })
}

export function isUptimeEvent(value: unknown): value is UptimeEvent {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  const type = field('type')
  return (
    typeof field('id') === 'string' &&
    uptimeEventTypes.some((known) => known === type) &&
    Number.isSafeInteger(field('organizationId')) &&
    typeof field('at') === 'string' &&
    typeof field('data') === 'object'
  )
}

/** Plans what follows from an event: writes its deliveries under keys that make a second run change nothing. */
export type EventConsumer = (services: Services, event: UptimeEvent) => Promise<void>
