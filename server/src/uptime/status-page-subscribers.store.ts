import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { UptimeEvent } from './events.ts'

export type Asked = {
  readonly pageId: number
  readonly email: string
  readonly confirmHash: Buffer
  readonly unsubscribeHash: Buffer
  /** Seals the token to the id of its row. */
  seal(id: number): string
  readonly now: Date
}

const hours = 3_600_000
export const confirmHours = 48
const pauseMs = 600_000

/** The page stays until the transaction ends. */
export function findAddress(tx: Kysely<Tables>, pageId: number) {
  return tx
    .selectFrom('status_pages')
    .select(['slug', 'title'])
    .where('id', '=', pageId)
    .forKeyShare()
    .executeTakeFirst()
}

/** Whether a mail has to go out: not to those who have confirmed, nor again within ten minutes. */
export async function askForSubscription(tx: Kysely<Tables>, asked: Asked): Promise<boolean> {
  const { pageId, email, confirmHash, unsubscribeHash, now } = asked
  const confirm_expires_at = new Date(now.getTime() + confirmHours * hours)
  await tx
    .deleteFrom('status_page_subscribers')
    .where('status_page_id', '=', pageId)
    .where('confirmed_at', 'is', null)
    .where('confirm_expires_at', '<=', now)
    .execute()
  const { rows } = await sql<{ id: number }>`
    SELECT nextval(pg_get_serial_sequence('status_page_subscribers', 'id'))::integer AS id`.execute(tx)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('the sequence of subscribers gave no id')
  const written = await tx
    .insertInto('status_page_subscribers')
    .values({
      id,
      status_page_id: pageId,
      email,
      confirm_hash: confirmHash,
      confirm_expires_at,
      unsubscribe_hash: unsubscribeHash,
      sealed_unsubscribe_token: asked.seal(id),
      created_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['status_page_id', 'email'])
        .doUpdateSet({ confirm_hash: confirmHash, confirm_expires_at })
        .where('status_page_subscribers.confirmed_at', 'is', null)
        .where('status_page_subscribers.confirm_expires_at', '<=', new Date(confirm_expires_at.getTime() - pauseMs)),
    )
    .returning('id')
    .execute()
  return written.length > 0
}

/** Whether the token is one of this page's, in time or already used. */
export async function confirmSubscription(
  db: Kysely<Tables>,
  slug: string,
  confirmHash: Buffer,
  now: Date,
): Promise<boolean> {
  const confirmed = await db
    .updateTable('status_page_subscribers as subscriber')
    .from('status_pages as page')
    .set((eb) => ({ confirmed_at: eb.fn.coalesce('subscriber.confirmed_at', eb.val(now)) }))
    .whereRef('page.id', '=', 'subscriber.status_page_id')
    .where('page.slug', '=', slug)
    .where('subscriber.confirm_hash', '=', confirmHash)
    .where((eb) =>
      eb.or([eb('subscriber.confirmed_at', 'is not', null), eb('subscriber.confirm_expires_at', '>', now)]),
    )
    .returning('subscriber.id')
    .execute()
  return confirmed.length > 0
}

export async function unsubscribe(db: Kysely<Tables>, unsubscribeHash: Buffer): Promise<void> {
  await db.deleteFrom('status_page_subscribers').where('unsubscribe_hash', '=', unsubscribeHash).execute()
}

/** The pages that show the monitor to somebody, and how they call it. */
export function pagesShowing(db: Kysely<Tables>, monitorId: number) {
  return db
    .selectFrom('status_page_components as component')
    .innerJoin('status_pages as page', 'page.id', 'component.status_page_id')
    .innerJoin('monitors', 'monitors.id', 'component.monitor_id')
    .select(['page.id', 'page.slug', 'page.title'])
    .select(sql<string>`coalesce(component.name, monitors.name)`.as('name'))
    .where('component.monitor_id', '=', monitorId)
    .where('page.is_public', '=', true)
    .orderBy('page.id')
    .execute()
}

export type MailingStep = readonly { readonly id: number; readonly email: string; readonly sealedToken: string }[]

const subscribersInStep = 200

/**
 * The next subscribers of the page who have no mail about the event yet, and notes that they have. Runs in the
 * transaction that puts their mails into the queue, so a retry begins behind the last one who has theirs.
 */
export async function takeMailingStep(
  tx: Kysely<Tables>,
  pageId: number,
  event: UptimeEvent,
  now: Date,
): Promise<MailingStep> {
  await tx
    .insertInto('status_page_mailings')
    .values({ status_page_id: pageId, event_id: event.id, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const mailing = await tx
    .selectFrom('status_page_mailings')
    .select('reached_subscriber_id')
    .where('status_page_id', '=', pageId)
    .where('event_id', '=', event.id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const ordinal = sql<number>`id + 0`
  const subscribers = await tx
    .selectFrom('status_page_subscribers')
    .select(['id', 'email', 'sealed_unsubscribe_token as sealedToken'])
    .where('status_page_id', '=', pageId)
    .where('confirmed_at', 'is not', null)
    // Who came later has seen the page as it is.
    .where('confirmed_at', '<=', new Date(event.at))
    .where(ordinal, '>', mailing.reached_subscriber_id)
    .orderBy(ordinal)
    .limit(subscribersInStep)
    .execute()
  const last = subscribers.at(-1)
  if (last !== undefined) {
    await tx
      .updateTable('status_page_mailings')
      .set({ reached_subscriber_id: last.id })
      .where('status_page_id', '=', pageId)
      .where('event_id', '=', event.id)
      .execute()
  }
  return subscribers
}

/** Events are retried for three days at most, so older notes say nothing any more. */
export async function forgetMailings(db: Kysely<Tables>, pageId: number, now: Date): Promise<void> {
  await db
    .deleteFrom('status_page_mailings')
    .where('status_page_id', '=', pageId)
    .where('created_at', '<', new Date(now.getTime() - 7 * 24 * hours))
    .execute()
}
