import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type Transition = 'opened' | 'resolved'

/** Oldest first. There are at most two per channel. */
export function listDeliveries(db: Kysely<Tables>, incidentId: number) {
  return db
    .selectFrom('incident_deliveries')
    .select([
      'id',
      'channel',
      'transition',
      'status',
      'attempts',
      'error_message',
      'recipient',
      'created_at',
      'finished_at',
    ])
    .where('incident_id', '=', incidentId)
    .orderBy('id')
    .limit(100)
    .execute()
}

export type DeliveryRow = Awaited<ReturnType<typeof listDeliveries>>[number]

export type NewDelivery = {
  readonly incidentId: number
  readonly transition: Transition
  readonly channel: string
  /** Of e-mails: those to one address are put together when there are many. */
  readonly recipient: string | null
  readonly isSuppressed: boolean
  readonly now: Date
}

/** The ids of those that were not there yet. */
export async function insertDeliveries(
  db: Kysely<Tables>,
  deliveries: readonly NewDelivery[],
): Promise<{ id: number; recipient: string | null }[]> {
  if (deliveries.length === 0) return []
  return db
    .insertInto('incident_deliveries')
    .values(
      deliveries.map(({ incidentId, transition, channel, recipient, isSuppressed, now }) => ({
        incident_id: incidentId,
        transition,
        channel,
        recipient,
        status: isSuppressed ? ('suppressed' as const) : ('pending' as const),
        created_at: now,
        due_at: now,
        finished_at: isSuppressed ? now : null,
      })),
    )
    .onConflict((conflict) => conflict.columns(['incident_id', 'transition', 'channel']).doNothing())
    .returning(['id', 'recipient'])
    .execute()
}

/** A delivery with all that decides whether, when and what to send. */
function selectPending(db: Kysely<Tables>) {
  return db
    .selectFrom('incident_deliveries as delivery')
    .innerJoin('incidents', 'incidents.id', 'delivery.incident_id')
    .where('delivery.status', '=', 'pending')
    .select([
      'delivery.id',
      'delivery.incident_id',
      'delivery.transition',
      'delivery.channel',
      'delivery.recipient',
      'delivery.attempts',
      'delivery.error_message',
      'delivery.due_at',
      'delivery.sending_since',
      'incidents.organization_id',
      'incidents.monitor_id',
      'incidents.monitor_name',
      'incidents.cause',
      'incidents.error_message as found',
      'incidents.started_at',
      'incidents.acknowledged_at',
      'incidents.resolved_at',
    ])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('incident_deliveries as opening')
          .whereRef('opening.incident_id', '=', 'delivery.incident_id')
          .whereRef('opening.channel', '=', 'delivery.channel')
          .where('opening.transition', '=', 'opened')
          .where('opening.status', '=', 'pending')
          .whereRef('opening.id', '<>', 'delivery.id'),
      ).as('opening_is_pending'),
    )
}

export type PendingDelivery = NonNullable<Awaited<ReturnType<typeof findPending>>>

/** Nothing if it is done, one way or the other. */
export function findPending(db: Kysely<Tables>, id: number) {
  return selectPending(db).where('delivery.id', '=', id).executeTakeFirst()
}

/** The same, and nobody else takes it until the transaction ends. */
export function lockPending(db: Kysely<Tables>, id: number) {
  return selectPending(db).where('delivery.id', '=', id).forUpdate('delivery').executeTakeFirst()
}

type Mailbox = { readonly organizationId: number; readonly recipient: string }

/** Whoever decides about mails to this address waits for the one before. */
export async function lockMailbox(db: Kysely<Tables>, { organizationId, recipient }: Mailbox): Promise<void> {
  const place = `alert mails ${organizationId} ${recipient}`
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${place}, 0))`.execute(db)
}

/** Every mail that waits to go to this address, the oldest first. The mailbox must be locked. */
export function lockPendingMails(db: Kysely<Tables>, { organizationId, recipient }: Mailbox, limit: number) {
  return selectPending(db)
    .where('delivery.recipient', '=', recipient)
    .where('incidents.organization_id', '=', organizationId)
    .orderBy('delivery.id')
    .limit(limit)
    .forUpdate('delivery')
    .execute()
}

/** How many alerts were mailed to the address since, counted up to `most`. */
export async function countMailed(
  db: Kysely<Tables>,
  { organizationId, recipient }: Mailbox,
  since: Date,
  most: number,
): Promise<number> {
  const rows = await db
    .selectFrom('incident_deliveries as delivery')
    .innerJoin('incidents', 'incidents.id', 'delivery.incident_id')
    .select('delivery.id')
    .where('delivery.recipient', '=', recipient)
    .where('delivery.status', '=', 'sent')
    .where('delivery.finished_at', '>', since)
    .where('incidents.organization_id', '=', organizationId)
    .limit(most)
    .execute()
  return rows.length
}

/** When the address was last sent a mail that tells of several. */
export async function lastGrouped(
  db: Kysely<Tables>,
  { organizationId, recipient }: Mailbox,
): Promise<Date | undefined> {
  const row = await db
    .selectFrom('incident_deliveries as delivery')
    .innerJoin('incidents', 'incidents.id', 'delivery.incident_id')
    .select('delivery.grouped_at')
    .where('delivery.recipient', '=', recipient)
    .where('delivery.grouped_at', 'is not', null)
    .where('incidents.organization_id', '=', organizationId)
    .orderBy('delivery.grouped_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.grouped_at ?? undefined
}

/** Counts the try before it is made: whoever finds it begun knows that it may have gone out. */
export async function beginTries(
  db: Kysely<Tables>,
  ids: readonly number[],
  { now, isGrouped }: { now: Date; isGrouped: boolean },
): Promise<void> {
  await db
    .updateTable('incident_deliveries')
    .set((eb) => ({
      attempts: eb('attempts', '+', 1),
      sending_since: now,
      ...(isGrouped && { grouped_at: now }),
    }))
    .where(isAmong(ids))
    .execute()
}

export async function finishDeliveries(
  db: Kysely<Tables>,
  ids: readonly number[],
  outcome: { readonly status: 'sent' | 'failed' | 'suppressed'; readonly error: string | null; readonly now: Date },
): Promise<void> {
  const { status, error, now } = outcome
  await db
    .updateTable('incident_deliveries')
    .set({ status, error_message: error, finished_at: now, sending_since: null })
    .where(isAmong(ids))
    // What arrived has arrived, even if a try that was thought lost has failed since.
    .where('status', 'in', status === 'sent' ? ['pending', 'failed'] : ['pending'])
    .execute()
}

/** Only a try that nobody has overtaken: where another one runs already, its outcome counts. */
export async function postponeDelivery(
  db: Kysely<Tables>,
  id: number,
  { attempt, error, dueAt }: { attempt: number; error: string; dueAt: Date },
): Promise<void> {
  await db
    .updateTable('incident_deliveries')
    .set({ error_message: error, due_at: dueAt, sending_since: null })
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('status', '=', 'pending')
    .execute()
}

/** One parameter for any number of ids. */
function isAmong(ids: readonly number[]) {
  return sql<boolean>`id = ANY (${[...ids]}::integer[])`
}
