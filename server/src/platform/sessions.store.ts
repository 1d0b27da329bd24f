import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type NewSession = {
  readonly userId: number
  readonly organizationId: number
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
  readonly expiresAt: Date
}

export async function insertSession(db: Kysely<Tables>, session: NewSession): Promise<string> {
  const { id } = await db
    .insertInto('sessions')
    .values({
      user_id: session.userId,
      organization_id: session.organizationId,
      ip: session.address,
      user_agent: session.userAgent,
      created_at: session.now,
      last_seen_at: session.now,
      expires_at: session.expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Ends the sessions of a person, all of them or all but the one at hand. */
export async function revokeSessions(db: Kysely<Tables>, userId: number, now: Date, except?: string): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ revoked_at: now })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .$if(except !== undefined, (query) => query.where('id', '!=', except ?? ''))
    .execute()
}

/** A session that is used lives on: its end moves with its last use. */
export async function markSessionsSeen(
  db: Kysely<Tables>,
  uses: ReadonlyMap<string, Date>,
  lifetimeSeconds: number,
): Promise<void> {
  await sql`
    UPDATE sessions SET
      last_seen_at = greatest(sessions.last_seen_at, used.moment),
      expires_at = greatest(sessions.expires_at, used.moment + make_interval(secs => ${lifetimeSeconds}))
    FROM unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()].map((moment) => moment.toISOString())}::timestamptz[])
      AS used (id, moment)
    WHERE sessions.id = used.id AND sessions.revoked_at IS NULL`.execute(db)
}
