import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { DailyCaps, SessionActor, TokenActor } from '../http/actor.ts'

/** The joins are the checks: a token dies with its owner's membership, and carries the role of this moment. */
export async function findToken(db: Kysely<Tables>, hash: Buffer): Promise<TokenActor | undefined> {
  const row = await db
    .selectFrom('tokens')
    .innerJoin('memberships', (join) =>
      join
        .onRef('memberships.organization_id', '=', 'tokens.organization_id')
        .onRef('memberships.user_id', '=', 'tokens.user_id'),
    )
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .select([
      'tokens.id',
      'tokens.name',
      'tokens.prefix',
      'tokens.scopes',
      'tokens.daily_mutation_limit',
      'tokens.daily_log_bytes_limit',
      'tokens.expires_at',
      'tokens.capped_by',
      'tokens.organization_id',
      'users.id as user_id',
      'users.uuid',
      'users.email',
      'memberships.role',
    ])
    .where('tokens.hash', '=', hash)
    .where('tokens.revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    kind: 'token',
    userId: row.user_id,
    userUuid: row.uuid,
    email: row.email,
    role: row.role,
    organizationId: row.organization_id,
    token: {
      id: row.id,
      name: row.name,
      prefix: row.prefix,
      scopes: row.scopes,
      dailyMutationLimit: row.daily_mutation_limit,
      dailyLogBytesLimit: row.daily_log_bytes_limit,
      expiresAt: row.expires_at,
      cappedBy: await findCaps(db, row.capped_by),
    },
  }
}

/** Most tokens come from none with a cap, and nothing is asked for them. */
async function findCaps(db: Kysely<Tables>, ids: readonly number[]): Promise<DailyCaps[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('tokens')
    .select(['id', 'daily_mutation_limit', 'daily_log_bytes_limit'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    dailyMutationLimit: row.daily_mutation_limit,
    dailyLogBytesLimit: row.daily_log_bytes_limit,
  }))
}

export async function findSession(db: Kysely<Tables>, id: string, now: Date): Promise<SessionActor | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('memberships', (join) =>
      join
        .onRef('memberships.organization_id', '=', 'sessions.organization_id')
        .onRef('memberships.user_id', '=', 'sessions.user_id'),
    )
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.id', 'sessions.organization_id', 'users.id as user_id', 'users.uuid', 'users.email', 'role'])
    .where('sessions.id', '=', id)
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    kind: 'session',
    sessionId: row.id,
    userId: row.user_id,
    userUuid: row.uuid,
    email: row.email,
    role: row.role,
    organizationId: row.organization_id,
  }
}

/** One statement for everything that was used since the last time. Another process may have seen a later use. */
export async function markTokensUsed(db: Kysely<Tables>, uses: ReadonlyMap<number, Date>): Promise<void> {
  await sql`
    UPDATE tokens SET last_used_at = greatest(tokens.last_used_at, used.moment)
    FROM unnest(${[...uses.keys()]}::integer[], ${[...uses.values()].map((moment) => moment.toISOString())}::timestamptz[])
      AS used (id, moment)
    WHERE tokens.id = used.id`.execute(db)
}
