import type { DueDelivery, QueueRow } from './queue.store.ts'
import type { Result } from './record.ts'

/** `probe`: everything waits but one event, which shows whether the receiver takes others. */
export type Held = Result & { readonly goesOn: 'in order' | 'probe' | 'no' }

/**
 * An answer of 5xx says either that the receiver is down or that it cannot digest this event. Order asks to wait, the
 * other events ask to go on. So everything waits for the second attempt; when that fails too, another event is sent: if
 * it is taken the failure is the first one's own, and if it fails as well they wait together and go in their order.
 *
 * `away_until` holds what is known: nothing speaks against the receiver while it is null; before it everything waits but
 * the event that is to show; and once it is past, the event that everything waited for goes.
 */
export function holdIfDown(
  result: Result,
  { delivery, queue, now }: { delivery: DueDelivery; queue: QueueRow; now: Date },
): Held {
  const isAway = result.awayUntil !== null
  const mayBeDown = isAway || (result.status !== 'delivered' && (result.statusCode ?? 0) >= 500)
  if (!mayBeDown) return { ...result, goesOn: 'in order' }
  const waitsUntil = queue.away_until
  if (waitsUntil !== null && waitsUntil > now) {
    return { ...result, nextAttemptAt: result.nextAttemptAt && waitsUntil, awayUntil: waitsUntil, goesOn: 'no' }
  }
  const hasTakenAnother = waitsUntil === null && delivery.hasFailed
  if (!isAway && hasTakenAnother) return { ...result, goesOn: 'in order' }
  // Nothing waits for what was given up, but what comes next is as much in doubt as it was.
  if (result.nextAttemptAt === null) return { ...result, awayUntil: now, goesOn: 'in order' }
  return { ...result, awayUntil: result.nextAttemptAt, goesOn: !isAway && delivery.hasFailed ? 'probe' : 'no' }
}
