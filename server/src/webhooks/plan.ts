import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { EventConsumer, UptimeEvent } from '../uptime/events.ts'
import { envelopeOf, isTold } from './envelope.ts'
import { holdLater, insertDeliveries, lockQueues, makeDue, releaseFirst } from './queue.store.ts'

/** Writes a delivery for every subscription that wants the event. A second run finds them there and adds nothing. */
export const planWebhooks: EventConsumer = async ({ database, clock }, event) => {
  if (!isTold(event)) return
  const wanting = await findWanting(database.db, event)
  if (wanting.length === 0) return
  const planned = await envelopeOf(database.db, event)
  if (planned === undefined) return
  await database.db.transaction().execute(async (tx) => {
    const now = clock.now()
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
