import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { type EventConsumer, isUptimeEvent, type UptimeEvent } from '../uptime/events.ts'
import { envelopeOf, isTold } from './envelope.ts'
import { holdLater, insertDeliveries, lockQueues, makeDue, releaseFirst } from './queue.store.ts'

/**
 * Writes a delivery for every subscription that wants the event. A second run finds them there and adds nothing, so
 * what happened to the same monitor before and has not been planned yet is planned first: otherwise an event whose
 * planning failed or was interrupted would be told after those that followed it.
 */
export const planWebhooks: EventConsumer = async ({ database, clock }, event) => {
  if (!isTold(event)) return
  const wanting = await findWanting(database.db, event)
  if (wanting.length === 0) return
  const earlier = await findUnplanned(database.db, event, wanting)
  for (const each of [...earlier.filter(isTold), event]) await planEvent(database.db, each, clock.now())
}

async function planEvent(db: Kysely<Tables>, event: UptimeEvent, now: Date): Promise<void> {
  const wanting = await findWanting(db, event)
  if (wanting.length === 0) return
  const planned = await envelopeOf(db, event)
  if (planned === undefined) return
  await db.transaction().execute(async (tx) => {
    await lockQueues(tx, wanting)
    const fresh = await insertDeliveries(tx, wanting, planned, now)
    if (fresh.length === 0) return
    await holdLater(tx, fresh, planned)
    await releaseFirst(tx, fresh, planned.subject, now)
    await makeDue(tx, fresh, now)
  })
}

async function findWanting(db: Kysely<Tables>, { organizationId, type }: UptimeEvent): Promise<number[]> {
  const rows = await db
    .selectFrom('webhook_subscriptions')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where('enabled', '=', true)
    .where(sql<boolean>`(event_types = '{}' OR ${type} = ANY(event_types))`)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

const mostUnplanned = 100

/**
 * From the queue's own table, where those that another worker has begun are too. The words of the conditions are those
 * of the index that the queue's start makes; states up to `active` are those of jobs that have not ended.
 */
async function findUnplanned(
  db: Kysely<Tables>,
  { organizationId, monitorId, incidentId, at }: UptimeEvent,
  subscriptionIds: readonly number[],
): Promise<UptimeEvent[]> {
  const [field, subject] = monitorId === null ? ['incidentId', incidentId] : ['monitorId', monitorId]
  const { rows } = await sql<{ data: unknown }>`
    SELECT data FROM jobs.job
    WHERE name = 'uptime.event' AND state <= 'active'
      AND data ->> 'organizationId' = ${String(organizationId)} AND data ->> ${sql.lit(field)} = ${String(subject)}
      AND data ->> 'at' < ${at}
      AND NOT EXISTS (
        SELECT FROM webhook_deliveries
        WHERE subscription_id = ANY(${[...subscriptionIds]}::integer[]) AND event_id = data ->> 'id'
      )
    ORDER BY data ->> 'at' LIMIT ${mostUnplanned}`.execute(db)
  return rows.map(({ data }) => data).filter(isUptimeEvent)
}
