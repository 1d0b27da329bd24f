import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { DueDelivery, QueueRow } from './queue.store.ts'
import type { Result } from './record.ts'

/**
 * An answer of 5xx says either that the receiver is down or that it cannot digest this event. Order asks to wait, the
 * other events ask to go on. So everything waits for the second attempt; when that fails too, the next event shows which
 * it is: if it is taken the failure is the first one's own, and if it fails they wait together and go in their order.
 */
export async function holdIfDown(
  db: Kysely<Tables>,
  result: Result,
  { delivery, queue, now }: { delivery: DueDelivery; queue: QueueRow; now: Date },
): Promise<Result> {
  const mayBeDown = result.status !== 'delivered' && result.statusCode !== null && result.statusCode >= 500
  if (!mayBeDown || result.awayUntil !== null) return result
  const hasTakenAnother = queue.last_delivery_status === 'delivered'
  if (hasTakenAnother && delivery.attempt > 1) return result
  const { earlierWaitsUntil, isAnotherDue } = await readNeighbours(db, delivery, now)
  // Behind a pause comes the one that everything waited for; behind a failure without one, the one that was to show.
  const wasToShow = queue.away_until === null && !hasTakenAnother
  if (wasToShow && earlierWaitsUntil !== null) {
    const nextAttemptAt = result.nextAttemptAt && earlierWaitsUntil
    return { ...result, nextAttemptAt, awayUntil: earlierWaitsUntil }
  }
  return delivery.attempt > 1 && isAnotherDue ? result : { ...result, awayUntil: result.nextAttemptAt }
}

type Neighbours = { readonly earlierWaitsUntil: Date | null; readonly isAnotherDue: boolean }

async function readNeighbours(db: Kysely<Tables>, { id, subscriptionId }: DueDelivery, now: Date): Promise<Neighbours> {
  const { rows } = await sql<Neighbours>`
    SELECT
      (SELECT earlier.next_attempt_at FROM webhook_deliveries AS earlier
        WHERE earlier.subscription_id = ${subscriptionId} AND earlier.status = 'failed' AND earlier.status_code >= 500
          AND earlier.next_attempt_at > ${now} AND (earlier.occurred_at, earlier.id) < (this.occurred_at, this.id)
        ORDER BY earlier.occurred_at, earlier.id LIMIT 1) AS "earlierWaitsUntil",
      EXISTS (SELECT FROM webhook_deliveries AS another
        WHERE another.subscription_id = ${subscriptionId} AND another.status IN ('pending', 'failed')
          AND another.next_attempt_at <= ${now} AND another.id <> this.id) AS "isAnotherDue"
    FROM webhook_deliveries AS this WHERE this.id = ${id}`.execute(db)
  return rows[0] ?? { earlierWaitsUntil: null, isAnotherDue: false }
}
