import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { OutboundOutcome } from '../outbound/client.ts'
import type { DueDelivery, QueueRow } from './queue.store.ts'
import { isAway, isTaken, retryDelay } from './retries.ts'

export const mostConsecutiveFailures = 10
const longestExcerpt = 1024
const longestError = 500

export type Result = {
  readonly status: 'delivered' | 'failed' | 'dead'
  readonly statusCode: number | null
  readonly error: string | null
  readonly excerpt: string | null
  readonly nextAttemptAt: Date | null
  /** Until when nothing else goes to this receiver either. */
  readonly awayUntil: Date | null
}

export function resultOf(
  delivery: DueDelivery,
  outcome: OutboundOutcome,
  now: Date,
  delays: readonly number[],
): Result {
  const statusCode = outcome.status ?? null
  const excerpt = outcome.ok ? readable(outcome.body) : null
  if (isTaken(outcome)) {
    return { status: 'delivered', statusCode, error: null, excerpt, nextAttemptAt: null, awayUntil: null }
  }
  const error = (outcome.ok ? `the receiver answered ${outcome.status}` : outcome.error).slice(0, longestError)
  const delay = retryDelay(delivery.attempt, delays)
  const nextAttemptAt = delay === undefined ? null : new Date(now.getTime() + delay)
  return {
    status: nextAttemptAt === null ? 'dead' : 'failed',
    statusCode,
    error,
    excerpt,
    nextAttemptAt,
    awayUntil: isAway(outcome) ? (nextAttemptAt ?? now) : null,
  }
}

/** Text that the database can hold, whatever the receiver sent. */
function readable(body: Buffer): string {
  return body.subarray(0, longestExcerpt).toString('utf8').replaceAll('\u0000', '\ufffd')
}

export async function writeResult(
  db: Kysely<Tables>,
  delivery: DueDelivery,
  queue: QueueRow,
  result: Result,
  now: Date,
): Promise<{ readonly disabled: boolean }> {
  const { status, statusCode } = result
  await db
    .updateTable('webhook_deliveries')
    .set({
      status,
      status_code: statusCode,
      error_message: result.error,
      response_excerpt: result.excerpt,
      next_attempt_at: result.nextAttemptAt && nextUnlessLater(delivery, result.nextAttemptAt),
      delivered_at: status === 'delivered' ? now : null,
    })
    .where('id', '=', delivery.id)
    .execute()
  const failures = { delivered: 0, failed: queue.consecutive_failures, dead: queue.consecutive_failures + 1 }[status]
  await db
    .updateTable('webhook_queues')
    .set({
      away_until: result.awayUntil,
      consecutive_failures: failures,
      last_delivery_at: now,
      last_delivery_status: status,
      last_delivery_status_code: statusCode,
    })
    .where('subscription_id', '=', delivery.subscriptionId)
    .execute()
  if (failures < mostConsecutiveFailures) return { disabled: false }
  return { disabled: await disable(db, delivery, failures, result.error, now) }
}

/** None, if something that happened before was planned during the attempt: it is not the first of its subject any more. */
function nextUnlessLater({ subscriptionId, subject }: DueDelivery, nextAttemptAt: Date) {
  return sql<Date | null>`CASE WHEN id = (
      SELECT first.id FROM webhook_deliveries AS first
      WHERE first.subscription_id = ${subscriptionId} AND first.subject = ${subject}
        AND first.status IN ('pending', 'failed')
      ORDER BY first.occurred_at, first.id LIMIT 1
    ) THEN ${nextAttemptAt}::timestamptz END`
}

/** What still waits is kept: it goes when somebody enables the subscription again. */
async function disable(
  db: Kysely<Tables>,
  { subscriptionId, organizationId, url }: DueDelivery,
  failures: number,
  error: string | null,
  now: Date,
): Promise<boolean> {
  const reason = `${failures} deliveries in a row failed; the last one: ${error ?? 'unknown'}`
  const disabled = await db
    .updateTable('webhook_subscriptions')
    .set((eb) => ({ enabled: false, disabled_at: now, disabled_reason: reason, version: eb('version', '+', 1) }))
    .where('id', '=', subscriptionId)
    .where('enabled', '=', true)
    .returning('id')
    .executeTakeFirst()
  if (disabled === undefined) return false
  const diff = { enabled: { from: true, to: false } }
  await db
    .insertInto('audit_logs')
    .values({
      organization_id: organizationId,
      action: 'UPDATE_WEBHOOK_SUBSCRIPTION',
      resource: `webhook_subscription:${subscriptionId}`,
      meta: JSON.stringify({ url, reason, changedFields: ['enabled'], diff, ip: null, ua: null }),
    })
    .execute()
  return true
}
