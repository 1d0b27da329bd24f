import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { lockQueues } from '../webhooks/queue.store.ts'

function selectSubscriptions(db: Kysely<Tables>, organizationId: number) {
  return db
    .selectFrom('webhook_subscriptions')
    .innerJoin('webhook_queues', 'webhook_queues.subscription_id', 'webhook_subscriptions.id')
    .select([
      'id',
      'version',
      'url',
      'event_types',
      'description',
      'enabled',
      'disabled_at',
      'disabled_reason',
      'consecutive_failures',
      'last_delivery_at',
      'last_delivery_status',
      'last_delivery_status_code',
      'created_at',
    ])
    .where('organization_id', '=', organizationId)
}

export type SubscriptionRow = NonNullable<Awaited<ReturnType<typeof findSubscription>>>

type Page = { readonly limit: number; readonly before: number | undefined }

export function listSubscriptions(db: Kysely<Tables>, organizationId: number, { limit, before }: Page) {
  return selectSubscriptions(db, organizationId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export function findSubscription(db: Kysely<Tables>, organizationId: number, id: number) {
  return selectSubscriptions(db, organizationId).where('id', '=', id).executeTakeFirst()
}

/**
 * Nobody changes it until the transaction ends; with its queue, nobody sends or plans either. The queue comes first, as
 * with everybody who takes both, and only where it is needed: the results of deliveries are written under it.
 */
export async function lockSubscription(
  db: Kysely<Tables>,
  organizationId: number,
  id: number,
  withQueue: boolean,
): Promise<SubscriptionRow | undefined> {
  if (withQueue) await lockQueues(db, [id])
  await db.selectFrom('webhook_subscriptions').select('id').where('id', '=', id).forUpdate().execute()
  return findSubscription(db, organizationId, id)
}

export type NewSubscription = {
  readonly organizationId: number
  readonly url: string
  readonly eventTypes: readonly string[]
  readonly description: string | null
  readonly now: Date
}

/** The id, unless the organization has as many as it may have. */
export async function insertSubscription(
  db: Kysely<Tables>,
  { organizationId, url, eventTypes, description, now }: NewSubscription,
  most: number,
): Promise<number | 'too_many'> {
  // Two that arrive together must not both find the last place free.
  await db.selectFrom('organizations').select('id').where('id', '=', organizationId).forNoKeyUpdate().execute()
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) FROM webhook_subscriptions WHERE organization_id = ${organizationId}`.execute(db)
  if (Number(rows[0]?.count) >= most) return 'too_many'
  const { id } = await db
    .insertInto('webhook_subscriptions')
    .values({ organization_id: organizationId, url, event_types: [...eventTypes], description, created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.insertInto('webhook_queues').values({ subscription_id: id }).execute()
  return id
}

/** `undefined` leaves a column as it is. */
export type SubscriptionChange = {
  readonly url: string | undefined
  readonly event_types: string[] | undefined
  readonly description: string | null | undefined
  readonly enabled: boolean | undefined
  readonly disabled_at: Date | null | undefined
  readonly disabled_reason: string | null | undefined
}

/** One version further. The row must be locked. */
export async function updateSubscription(db: Kysely<Tables>, id: number, change: SubscriptionChange): Promise<void> {
  await db
    .updateTable('webhook_subscriptions')
    .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

export async function forgetFailures(db: Kysely<Tables>, id: number): Promise<void> {
  await db.updateTable('webhook_queues').set({ consecutive_failures: 0 }).where('subscription_id', '=', id).execute()
}

export async function deleteSubscription(db: Kysely<Tables>, id: number): Promise<void> {
  await db.deleteFrom('webhook_subscriptions').where('id', '=', id).execute()
}

export type DeliveryRow = Awaited<ReturnType<typeof listDeliveries>>[number]

export function listDeliveries(db: Kysely<Tables>, subscriptionId: number, { limit, before }: Page) {
  return db
    .selectFrom('webhook_deliveries')
    .select([
      'id',
      'event_type',
      'event_id',
      'attempt',
      'status',
      'status_code',
      'error_message',
      'payload',
      'response_excerpt',
      'next_attempt_at',
      'delivered_at',
      'created_at',
    ])
    .where('subscription_id', '=', subscriptionId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? 0))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
