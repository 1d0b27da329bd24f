import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

/** The row that whoever plans, sends or reschedules deliveries of a subscription holds, always in this order. */
export async function lockQueues(db: Kysely<Tables>, subscriptionIds: readonly number[]): Promise<void> {
  await db
    .selectFrom('webhook_queues')
    .select('subscription_id')
    .where('subscription_id', 'in', [0, ...subscriptionIds])
    .orderBy('subscription_id')
    .forUpdate()
    .execute()
}

export type PlannedDelivery = {
  readonly eventType: string
  readonly eventId: string
  readonly payload: string
  /** Deliveries with one subject are sent one after the other. */
  readonly subject: string
  readonly occurredAt: Date
}

/** The subscriptions that did not have this event yet. Their queues must be locked. */
export async function insertDeliveries(
  db: Kysely<Tables>,
  subscriptionIds: readonly number[],
  planned: PlannedDelivery,
  now: Date,
): Promise<number[]> {
  const { eventType, eventId, payload, subject, occurredAt } = planned
  const { rows } = await sql<{ subscription_id: number }>`
    INSERT INTO webhook_deliveries
      (subscription_id, event_type, event_id, payload, subject, occurred_at, created_at)
    SELECT id, ${eventType}, ${eventId}, ${payload}, ${subject}, ${occurredAt}::timestamptz, ${now}::timestamptz
    FROM webhook_subscriptions WHERE id = ANY(${[...subscriptionIds]}::integer[]) ORDER BY id
    ON CONFLICT (subscription_id, event_id) DO NOTHING
    RETURNING subscription_id`.execute(db)
  return rows.map((row) => row.subscription_id)
}

/** An event that was planned late still goes before what happened after it. */
export async function holdLater(
  db: Kysely<Tables>,
  subscriptionIds: readonly number[],
  { subject, occurredAt }: Pick<PlannedDelivery, 'subject' | 'occurredAt'>,
): Promise<void> {
  await sql`
    UPDATE webhook_deliveries SET next_attempt_at = NULL
    WHERE subscription_id = ANY(${[...subscriptionIds]}::integer[]) AND subject = ${subject}
      AND status IN ('pending', 'failed') AND next_attempt_at IS NOT NULL AND occurred_at > ${occurredAt}`.execute(db)
}

/** Lets the first unfinished delivery with the subject go. One that has its time already keeps it. */
export async function releaseFirst(
  db: Kysely<Tables>,
  subscriptionIds: readonly number[],
  subject: string,
  now: Date,
): Promise<void> {
  await sql`
    UPDATE webhook_deliveries SET next_attempt_at = ${now}
    FROM unnest(${[...subscriptionIds]}::integer[]) AS queue (id), LATERAL (
      SELECT id FROM webhook_deliveries
      WHERE subscription_id = queue.id AND subject = ${subject} AND status IN ('pending', 'failed')
      ORDER BY occurred_at, id LIMIT 1
    ) AS first
    WHERE webhook_deliveries.id = first.id AND next_attempt_at IS NULL`.execute(db)
}

/** Wakes the queues, as soon as their receivers are back. */
export async function makeDue(db: Kysely<Tables>, subscriptionIds: readonly number[], now: Date): Promise<void> {
  await sql`
    UPDATE webhook_queues SET due_at = least(due_at, greatest(${now}::timestamptz, away_until))
    WHERE subscription_id = ANY(${[...subscriptionIds]}::integer[])`.execute(db)
}

/**
 * Tries at once what has been waiting for its next attempt: another receiver, or one that was put right. The first of a
 * subject may have been deleted for its age in the meantime, so it is looked for anew.
 */
export async function restartQueue(db: Kysely<Tables>, subscriptionId: number, now: Date): Promise<void> {
  await sql`
    UPDATE webhook_deliveries SET next_attempt_at = ${now} WHERE id IN (
      SELECT DISTINCT ON (subject) id FROM webhook_deliveries
      WHERE subscription_id = ${subscriptionId} AND status IN ('pending', 'failed')
      ORDER BY subject, occurred_at, id
    )`.execute(db)
  await db
    .updateTable('webhook_queues')
    .set({ due_at: now, away_until: null })
    .where('subscription_id', '=', subscriptionId)
    .execute()
}

export type Claim = { readonly subscriptionId: number; readonly lease: number }

/** Queues that are due and that no worker has. Several workers share them without waiting for each other. */
export async function claimDue(
  db: Kysely<Tables>,
  { now, until, limit }: { now: Date; until: Date; limit: number },
): Promise<Claim[]> {
  const { rows } = await sql<{ subscription_id: number; lease: number }>`
    UPDATE webhook_queues SET claimed_until = ${until}, lease = lease + 1
    WHERE subscription_id IN (
      SELECT subscription_id FROM webhook_queues
      WHERE due_at <= ${now} AND (claimed_until IS NULL OR claimed_until <= ${now})
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING subscription_id, lease`.execute(db)
  return rows.map((row) => ({ subscriptionId: row.subscription_id, lease: row.lease }))
}

export type QueueRow = {
  readonly consecutive_failures: number
  readonly away_until: Date | null
}

/** The locked queue; nothing if another worker has taken it over, or if the subscription is gone. */
export function lockClaimed(db: Kysely<Tables>, { subscriptionId, lease }: Claim): Promise<QueueRow | undefined> {
  return db
    .selectFrom('webhook_queues')
    .select(['consecutive_failures', 'away_until'])
    .where('subscription_id', '=', subscriptionId)
    .where('lease', '=', lease)
    .forUpdate()
    .executeTakeFirst()
}

export type DueDelivery = {
  readonly id: number
  readonly subscriptionId: number
  readonly organizationId: number
  readonly url: string
  readonly eventType: string
  readonly eventId: string
  readonly payload: string
  readonly subject: string
  /** The number of this attempt, from 1. */
  readonly attempt: number
  /** Whether an attempt before this one has ended. */
  readonly hasFailed: boolean
}

/**
 * What happened first of what may go now; where it is to show whether the receiver takes anything, rather one that it
 * has not refused before. The attempt is counted before it is made, so that one which ends with its
 * process leaves its number used: no two requests carry the same one.
 */
export async function beginDue(
  db: Kysely<Tables>,
  subscriptionId: number,
  now: Date,
  { isProbe }: { readonly isProbe: boolean } = { isProbe: false },
): Promise<DueDelivery | undefined> {
  const { rows } = await sql<DueDelivery>`
    UPDATE webhook_deliveries AS delivery SET attempt = attempt + 1
    FROM (
      SELECT due.id, organization_id, url FROM webhook_deliveries AS due
      JOIN webhook_subscriptions AS subscription ON subscription.id = subscription_id AND enabled
      WHERE subscription_id = ${subscriptionId} AND status IN ('pending', 'failed') AND next_attempt_at <= ${now}
      ORDER BY ${isProbe ? sql`status = 'failed',` : sql``} occurred_at, due.id LIMIT 1
    ) AS first
    WHERE delivery.id = first.id
    RETURNING delivery.id, subscription_id AS "subscriptionId", organization_id AS "organizationId", url,
      event_type AS "eventType", event_id AS "eventId", payload, subject, attempt,
      status = 'failed' AS "hasFailed"`.execute(db)
  return rows[0]
}

export async function extendClaim(db: Kysely<Tables>, subscriptionId: number, until: Date): Promise<void> {
  await db
    .updateTable('webhook_queues')
    .set({ claimed_until: until })
    .where('subscription_id', '=', subscriptionId)
    .execute()
}

/** Gives the queue back until the next of its deliveries may go. It must be locked. */
export async function releaseClaim(db: Kysely<Tables>, subscriptionId: number): Promise<void> {
  await sql`
    UPDATE webhook_queues SET claimed_until = NULL, due_at = (
      SELECT greatest(next_attempt_at, away_until)
      FROM webhook_deliveries AS delivery
      JOIN webhook_subscriptions AS subscription ON subscription.id = delivery.subscription_id AND enabled
      WHERE delivery.subscription_id = ${subscriptionId} AND status IN ('pending', 'failed')
        AND next_attempt_at IS NOT NULL
      ORDER BY next_attempt_at LIMIT 1
    )
    WHERE subscription_id = ${subscriptionId}`.execute(db)
}
