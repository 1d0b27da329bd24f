import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

const columns = [
  'id',
  'name',
  'prefix',
  'scopes',
  'daily_mutation_limit',
  'daily_log_bytes_limit',
  'last_used_at',
  'expires_at',
  'revoked_at',
  'created_at',
] as const

export type TokenRow = Awaited<ReturnType<typeof listTokens>>[number]

type Owner = { readonly organizationId: number; readonly userId: number }

export function listTokens(db: Kysely<Tables>, owner: Owner, page: { limit: number; before: number | undefined }) {
  return db
    .selectFrom('tokens')
    .select(columns)
    .where('organization_id', '=', owner.organizationId)
    .where('user_id', '=', owner.userId)
    .$if(page.before !== undefined, (query) => query.where('id', '<', page.before ?? 0))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute()
}

export type NewToken = Owner & {
  readonly name: string
  readonly prefix: string
  readonly hash: Buffer
  readonly scopes: readonly string[]
  readonly dailyMutationLimit: number | null
  readonly dailyLogBytesLimit: number | null
  readonly expiresAt: Date | null
  /** Absent: nobody but the token itself is charged for what it does. */
  readonly cappedBy?: readonly number[]
  readonly now: Date
}

export function insertToken(db: Kysely<Tables>, token: NewToken) {
  return db
    .insertInto('tokens')
    .values({
      kind: 'pat',
      organization_id: token.organizationId,
      user_id: token.userId,
      name: token.name,
      prefix: token.prefix,
      hash: token.hash,
      scopes: [...token.scopes],
      daily_mutation_limit: token.dailyMutationLimit,
      daily_log_bytes_limit: token.dailyLogBytesLimit,
      expires_at: token.expiresAt,
      capped_by: [...(token.cappedBy ?? [])],
      created_at: token.now,
    })
    .returning(['id', 'created_at'])
    .executeTakeFirstOrThrow()
}

/** The name of the token, or nothing if the owner has none with this id. Revoking again changes nothing. */
export async function revokeToken(
  db: Kysely<Tables>,
  owner: Owner,
  id: number,
  now: Date,
): Promise<{ name: string; prefix: string } | undefined> {
  return db
    .updateTable('tokens')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('revoked_at', eb.val(now)) }))
    .where('id', '=', id)
    .where('organization_id', '=', owner.organizationId)
    .where('user_id', '=', owner.userId)
    .returning(['name', 'prefix'])
    .executeTakeFirst()
}
