import { isMutation } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Actor } from './actor.ts'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/**
 * Takes one of the token's mutations of the day. It happens in the effect's transaction: what fails gives it back, and
 * the row's lock makes the count exact however many requests run at once.
 */
export async function takeMutation(db: Kysely<Tables>, incoming: Incoming, actor: Actor | undefined): Promise<void> {
  // A read that leaves an audit row has a transaction too, but changes nothing of the caller's.
  if (actor?.kind !== 'token' || !isMutation(incoming.route.operation)) return
  const limit = actor.token.dailyMutationLimit
  if (limit === null) return
  const taken = await db
    .insertInto('token_usage')
    .values({ token_id: actor.token.id, day: utcDay(incoming.now), mutations: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['token_id', 'day'])
        .doUpdateSet({ mutations: sql<number>`token_usage.mutations + 1` })
        .where('token_usage.mutations', '<', limit),
    )
    .returning('mutations')
    .executeTakeFirst()
  if (taken !== undefined) return
  const seconds = Math.ceil((nextUtcDay(incoming.now) - incoming.now.getTime()) / 1000)
  throw new ApiError('PAT_DAILY_LIMIT_EXCEEDED', { headers: { 'Retry-After': String(seconds) } })
}

/** Every answer to a token says what is left of its day, counted after the fact, failures included. */
export async function showBudget(incoming: Incoming, actor: Actor | undefined): Promise<void> {
  if (actor?.kind !== 'token') return
  const limit = actor.token.dailyMutationLimit
  const left = limit === null ? 'unlimited' : await remaining(incoming, actor.token.id, limit)
  if (left === undefined) return
  incoming.headers['X-PAT-Mut-Limit'] = limit === null ? 'unlimited' : String(limit)
  incoming.headers['X-PAT-Mut-Remaining'] = String(left)
  incoming.headers['X-PAT-Mut-Reset'] = String(nextUtcDay(incoming.now) / 1000)
}

async function remaining(incoming: Incoming, tokenId: number, limit: number): Promise<number | undefined> {
  try {
    const row = await incoming.services.database.db
      .selectFrom('token_usage')
      .select('mutations')
      .where('token_id', '=', tokenId)
      .where('day', '=', utcDay(incoming.now))
      .executeTakeFirst()
    return Math.max(0, limit - (row?.mutations ?? 0))
  } catch {
    // The database is away, which the answer itself already says; a header is not worth a second failure.
    return undefined
  }
}

function utcDay(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

function nextUtcDay(moment: Date): number {
  return Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate() + 1)
}
