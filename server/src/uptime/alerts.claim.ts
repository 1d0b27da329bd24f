import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import {
  beginTries,
  countMailed,
  findPending,
  finishDeliveries,
  lastGrouped,
  lockMailbox,
  lockPending,
  lockPendingMails,
  type PendingDelivery,
} from './deliveries.store.ts'

/** After so many failures it is over. */
export const mostFailures = 3
/**
 * Tries that were begun and never ended count too: what brings a process down each time must not do so for ever. More
 * than a machine that fails again and again loses in a row, since an alert that is given up is never told.
 */
const mostTries = 12
/** No try takes this long, so one that does has lost its process. */
const lostAfterMs = 30_000
const openingFirstMs = 5000
/** Clocks of two processes differ by less. */
const toleranceMs = 1000

/** More alerts than these, to one address within a minute, come as one mail; and that mail at most once a minute. */
const mailsPerMinute = 5
const minuteMs = 60_000
const mostInOneMail = 1000

export type Claim =
  | { readonly kind: 'over' }
  | { readonly kind: 'later'; readonly at: Date }
  | { readonly kind: 'send'; readonly deliveries: readonly PendingDelivery[]; readonly isGrouped: boolean }

/**
 * Settles what is to be done about a delivery, and marks the tries that follow before they are made. A pending delivery
 * always has a job: who is told `later` sends the next one in the same transaction.
 */
export async function claimDelivery(tx: Kysely<Tables>, id: number, now: Date): Promise<Claim> {
  const seen = await findPending(tx, id)
  if (seen === undefined) return { kind: 'over' }
  const { recipient, organization_id } = seen
  const mailbox = recipient === null ? undefined : { organizationId: organization_id, recipient }
  if (mailbox !== undefined) await lockMailbox(tx, mailbox)
  const own = await lockPending(tx, id)
  if (own === undefined) return { kind: 'over' }

  const end = endOf(own)
  if (end !== undefined) {
    await finishDeliveries(tx, [id], { ...end, now })
    return { kind: 'over' }
  }
  const wait = waitOf(own, now)
  if (wait !== undefined) return { kind: 'later', at: wait }
  if (mailbox === undefined) return begin(tx, [own], { now, isGrouped: false })

  const recent = await countMailed(tx, mailbox, new Date(now.getTime() - minuteMs), mailsPerMinute)
  const grouped = await lastGrouped(tx, mailbox)
  const nextGroup = new Date((grouped?.getTime() ?? 0) + minuteMs)
  // Before the rows are read: in a storm most of the jobs end here.
  if (recent >= mailsPerMinute && nextGroup > now) return { kind: 'later', at: nextGroup }
  const ready = (await lockPendingMails(tx, mailbox, mostInOneMail)).filter((one) => isReady(one, now))
  if (ready.length + recent <= mailsPerMinute) return begin(tx, [own], { now, isGrouped: false })
  if (nextGroup > now) return { kind: 'later', at: nextGroup }
  const others = ready.filter((one) => one.id !== id)
  return begin(tx, [own, ...others.slice(0, mostInOneMail - 1)], { now, isGrouped: true })
}

async function begin(
  tx: Kysely<Tables>,
  deliveries: readonly PendingDelivery[],
  mark: { readonly now: Date; readonly isGrouped: boolean },
): Promise<Claim> {
  const ids = deliveries.map(({ id }) => id)
  await beginTries(tx, ids, mark)
  const begun = deliveries.map((delivery) => ({ ...delivery, attempts: delivery.attempts + 1 }))
  return { kind: 'send', deliveries: begun, isGrouped: mark.isGrouped }
}

type End = { readonly status: 'failed' | 'suppressed'; readonly error: string }

/** Why it is not tried (any more), if it is not. */
function endOf(delivery: PendingDelivery): End | undefined {
  const { monitor_id, attempts, acknowledged_at, transition, error_message } = delivery
  if (monitor_id === null) return { status: 'suppressed', error: 'the monitor is gone' }
  if (attempts >= mostTries) return { status: 'failed', error: error_message ?? 'interrupted too often' }
  // Somebody has heard of it in another way, and a try may have arrived although it failed here.
  if (transition === 'opened' && attempts > 0 && acknowledged_at !== null) {
    return { status: 'failed', error: error_message ?? 'interrupted, and acknowledged since' }
  }
  return undefined
}

/** When to look again, if not now: it is being sent, not due yet, or comes after one that is not sent yet. */
function waitOf({ sending_since, due_at, opening_is_pending }: PendingDelivery, now: Date): Date | undefined {
  if (sending_since !== null) {
    const lostAt = new Date(sending_since.getTime() + lostAfterMs)
    return lostAt > now ? lostAt : undefined
  }
  if (due_at.getTime() - toleranceMs > now.getTime()) return due_at
  return opening_is_pending ? new Date(now.getTime() + openingFirstMs) : undefined
}

function isReady(delivery: PendingDelivery, now: Date): boolean {
  return endOf(delivery) === undefined && waitOf(delivery, now) === undefined
}
