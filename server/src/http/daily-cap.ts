import { isMutation } from '@owlery/spec'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Actor, TokenActor } from './actor.ts'
import { ApiError } from './problem.ts'
import type { Incoming } from './request.ts'

/**
 * Takes one of the day's mutations, of the token and of those it comes from. It happens in the effect's transaction: what
 * fails gives it back, and the locks of the rows make the counts exact however many requests run at once.
 */
export async function takeMutation(db: Kysely<Tables>, incoming: Incoming, actor: Actor | undefined): Promise<void> {
  // A read that leaves an audit row has a transaction too, but changes nothing of the caller's.
  if (actor?.kind !== 'token' || !isMutation(incoming.route.operation)) return
  const ids = mutationCaps(actor).map(({ id }) => id)
  if (ids.length === 0) return
  const { rows } = await sql`
    INSERT INTO token_usage (token_id, day, mutations)
    -- Always in the order of the line, so that no two requests wait for each other.
    SELECT id, ${utcDay(incoming.now)}::date, 1 FROM unnest(${ids}::integer[]) AS capped (id) ORDER BY id
    ON CONFLICT (token_id, day) DO UPDATE SET mutations = token_usage.mutations + 1
    WHERE token_usage.mutations < (SELECT daily_mutation_limit FROM tokens WHERE tokens.id = token_usage.token_id)
    RETURNING token_id`.execute(db)
  if (rows.length === ids.length) return
  const seconds = Math.ceil((nextUtcDay(incoming.now) - incoming.now.getTime()) / 1000)
  throw new ApiError('PAT_DAILY_LIMIT_EXCEEDED', { headers: { 'Retry-After': String(seconds) } })
}

type MutationCap = { readonly id: number; readonly limit: number }

function mutationCaps({ token }: TokenActor): MutationCap[] {
  return [...token.cappedBy, token].flatMap(({ id, dailyMutationLimit: limit }) =>
    limit === null ? [] : [{ id, limit }],
  )
}

/** Every answer to a token says what is left of its day, counted after the fact, failures included. */
export async function showBudget(incoming: Incoming, actor: Actor | undefined): Promise<void> {
  if (actor?.kind !== 'token') return
  const limit = actor.token.dailyMutationLimit
  const left = limit === null ? 'unlimited' : await remaining(incoming, mutationCaps(actor))
  if (left === undefined) return
  incoming.headers['X-PAT-Mut-Limit'] = limit === null ? 'unlimited' : String(limit)
  incoming.headers['X-PAT-Mut-Remaining'] = String(left)
  incoming.headers['X-PAT-Mut-Reset'] = String(nextUtcDay(incoming.now) / 1000)
}

async function remaining(incoming: Incoming, caps: readonly MutationCap[]): Promise<number | undefined> {
  try {
    const rows = await incoming.services.database.db
      .selectFrom('token_usage')
      .select(['token_id', 'mutations'])
      .where(
        'token_id',
        'in',
        caps.map(({ id }) => id),
      )
      .where('day', '=', utcDay(incoming.now))
      .execute()
    const used = new Map(rows.map((row) => [row.token_id, row.mutations]))
    return Math.max(0, Math.min(...caps.map(({ id, limit }) => limit - (used.get(id) ?? 0))))
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
