import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { hashToken } from '../security/tokens.ts'

export async function insertReset(
  db: Kysely<Tables>,
  reset: { token: string; userId: number; now: Date; expiresAt: Date },
): Promise<void> {
  const { token, userId, now, expiresAt } = reset
  await db
    .insertInto('password_resets')
    .values({ hash: hashToken(token), user_id: userId, created_at: now, expires_at: expiresAt })
    .execute()
}

/** Whose password the link may set; nothing for a link that is unknown, used or too old. */
export async function findReset(db: Kysely<Tables>, token: string, now: Date) {
  return db
    .selectFrom('password_resets')
    .innerJoin('users', 'users.id', 'password_resets.user_id')
    .select(['users.id as userId', 'users.email', 'users.name'])
    .where('hash', '=', hashToken(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Uses the link up, with all others of the same person. False if somebody was faster. */
export async function takeReset(db: Kysely<Tables>, token: string, now: Date): Promise<boolean> {
  const taken = await db
    .updateTable('password_resets')
    .set({ used_at: now })
    .where('hash', '=', hashToken(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('user_id')
    .executeTakeFirst()
  if (taken === undefined) return false
  await db
    .updateTable('password_resets')
    .set({ used_at: now })
    .where('user_id', '=', taken.user_id)
    .where('used_at', 'is', null)
    .execute()
  return true
}
