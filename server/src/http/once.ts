import { createHash } from 'node:crypto'
import { isIdempotent } from '@owlery/spec'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isSnapshotConflict } from '../db/constraints.ts'
import type { Tables } from '../db/tables.ts'
import type { Actor } from './actor.ts'
import { ifMatchOf } from './precondition.ts'
import { ApiError, problem } from './problem.ts'
import type { Reply } from './reply.ts'
import type { Incoming } from './request.ts'

type Claim = { readonly owner: string; readonly keyHash: Buffer; readonly fingerprint: Buffer; readonly place: string }
type Action = () => void | Promise<void>
type Work = (db: Kysely<Tables>, afterCommit: (action: Action) => void) => Promise<Reply>

const printable = /^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/
const running = new Set<string>()
const keptMs = 24 * 60 * 60 * 1000

/**
 * Runs a mutation's work in one transaction: the effect, its audit row and, under an Idempotency-Key, the stored reply.
 * While it runs the key is held by an advisory lock of that transaction, so a crash frees it by itself.
 */
export async function once(
  incoming: Incoming,
  actor: Actor | undefined,
  bytes: Uint8Array,
  work: Work,
): Promise<Reply> {
  const claim = claimOf(incoming, actor, bytes)
  return holding(claim, () => inTransaction(incoming, claim, work))
}

/**
 * For operations that work long before they write: a replay ends before the work begins, and a refusal that comes
 * before the transaction is stored like one that comes within it.
 */
export async function onceSlowly(
  incoming: Incoming,
  actor: Actor | undefined,
  bytes: Uint8Array,
  run: (commit: (work: Work) => Promise<Reply>) => Promise<Reply>,
): Promise<Reply> {
  const claim = claimOf(incoming, actor, bytes)
  return holding(claim, async () => {
    const stored = claim && (await findStored(incoming.services.database.db, incoming, claim))
    if (stored !== undefined) return stored
    let hasBegun = false
    try {
      return await run((work) => {
        hasBegun = true
        return inTransaction(incoming, claim, work)
      })
    } catch (error) {
      if (claim === undefined || hasBegun || !(error instanceof ApiError) || !isStorable(error)) throw error
      return await inTransaction(incoming, claim, () => Promise.reject(error))
    }
  })
}

/** The advisory lock tells processes apart; within this one the set answers sooner and without a connection. */
async function holding(claim: Claim | undefined, work: () => Promise<Reply>): Promise<Reply> {
  if (claim === undefined) return work()
  if (running.has(claim.place)) throw new ApiError('IDEMPOTENCY_IN_PROGRESS')
  running.add(claim.place)
  try {
    return await work()
  } finally {
    running.delete(claim.place)
  }
}

const mostAttempts = 20

/**
 * Under If-Match a transaction keeps to one snapshot and fails when a row it writes has changed since. That need not be
 * the guarded one (a token's changes all count in one row), so it runs again, and the tag decides on what is there now.
 */
async function inTransaction(incoming: Incoming, claim: Claim | undefined, work: Work): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryTransaction(incoming, claim, work)
    } catch (error) {
      if (attempt === mostAttempts || !isSnapshotConflict(error)) throw error
    }
  }
}

async function tryTransaction(incoming: Incoming, claim: Claim | undefined, work: Work): Promise<Reply> {
  const actions: Action[] = []
  const level = ifMatchOf(incoming) === undefined ? 'read committed' : 'repeatable read'
  const begun = incoming.services.database.db.transaction().setIsolationLevel(level)
  const outcome = await begun.execute(async (transaction) => {
    const stored = claim && (await lockAndFind(transaction, incoming, claim))
    if (stored !== undefined) return { reply: stored, failure: undefined, keep: false }
    if (claim !== undefined) await sql`SAVEPOINT work`.execute(transaction)
    const done = await attempt(transaction, incoming, claim, (db) => work(db, (action) => actions.push(action)))
    if (claim !== undefined && done.keep) await store(transaction, incoming, claim, done.reply)
    return done
  })
  if (outcome.failure !== undefined) throw outcome.failure
  await Promise.all(actions.map((action) => action()))
  return outcome.reply
}

type Done = { readonly reply: Reply; readonly failure: ApiError | undefined; readonly keep: boolean }

/** The work's reply, or a failure that is an answer too: one to keep for replays, or one whose effects stay. */
async function attempt(
  transaction: Transaction<Tables>,
  incoming: Incoming,
  claim: Claim | undefined,
  work: (db: Kysely<Tables>) => Promise<Reply>,
): Promise<Done> {
  try {
    return { reply: await work(transaction), failure: undefined, keep: true }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const reply = problem(error, incoming.id)
    if (error.keepEffects) return { reply, failure: error, keep: isStorable(error) }
    if (claim === undefined || !isStorable(error)) throw error
    await sql`ROLLBACK TO SAVEPOINT work`.execute(transaction)
    return { reply, failure: error, keep: true }
  }
}

/** What the request itself cannot change. A refusal by credential or by limit may be another one the next time. */
function isStorable(error: ApiError): boolean {
  return [400, 404, 409, 412].includes(error.status) && !['VALIDATION_FAILED', 'BAD_JSON'].includes(error.code)
}

function claimOf(incoming: Incoming, actor: Actor | undefined, bytes: Uint8Array): Claim | undefined {
  const { req } = incoming.hono
  const key = req.header('idempotency-key')
  if (key === undefined || actor === undefined || !isIdempotent(incoming.route.operation)) return undefined
  if (!printable.test(key)) throw new ApiError('IDEMPOTENCY_KEY_TOO_LONG')
  const owner = actor.kind === 'token' ? `token:${actor.token.id}` : `user:${actor.userId}:${actor.organizationId}`
  const keyHash = createHash('sha256').update(key).digest()
  const { pathname, search } = new URL(req.url)
  const fingerprint = createHash('sha256').update(`${req.method} ${pathname}${search}\n`).update(bytes).digest()
  return { owner, keyHash, fingerprint, place: `idempotency_keys.body:${owner}:${keyHash.toString('hex')}` }
}

async function lockAndFind(
  transaction: Transaction<Tables>,
  incoming: Incoming,
  claim: Claim,
): Promise<Reply | undefined> {
  const lock = await sql<{ free: boolean }>`
    SELECT pg_try_advisory_xact_lock(${lockNumber(claim)}::bigint) AS free`.execute(transaction)
  if (lock.rows[0]?.free !== true) throw new ApiError('IDEMPOTENCY_IN_PROGRESS')
  return findStored(transaction, incoming, claim)
}

async function findStored(db: Kysely<Tables>, incoming: Incoming, claim: Claim): Promise<Reply | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'status', 'headers', 'body'])
    .where('owner', '=', claim.owner)
    .where('key_hash', '=', claim.keyHash)
    .where('created_at', '>', new Date(incoming.now.getTime() - keptMs))
    .executeTakeFirst()
  if (row === undefined) return undefined
  if (!claim.fingerprint.equals(row.fingerprint)) throw new ApiError('IDEMPOTENCY_KEY_REPLAY_CONFLICT')
  incoming.headers['Idempotent-Replayed'] = 'true'
  const isSealed = incoming.route.operation.secretReply === true && row.status < 300
  const body = row.body !== null && isSealed ? incoming.services.secrets.open(row.body, claim.place) : row.body
  return { status: row.status, headers: textHeaders(row.headers), body }
}

function textHeaders(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {}
  if (typeof value !== 'object' || value === null) return headers
  for (const [name, text] of Object.entries(value)) if (typeof text === 'string') headers[name] = text
  return headers
}

function lockNumber({ place }: Claim): string {
  return createHash('sha256').update(place).digest().readBigInt64BE().toString()
}

async function store(transaction: Transaction<Tables>, incoming: Incoming, claim: Claim, reply: Reply): Promise<void> {
  const { body, status, headers } = reply
  if (body !== null && typeof body !== 'string') throw new Error(`${incoming.route.id} streams, so it cannot be stored`)
  const isSealed = incoming.route.operation.secretReply === true && status < 300
  const kept = body !== null && isSealed ? incoming.services.secrets.seal(body, claim.place) : body
  const answer = {
    fingerprint: claim.fingerprint,
    status,
    headers: JSON.stringify(headers),
    body: kept,
    created_at: incoming.now,
  }
  await transaction
    .insertInto('idempotency_keys')
    .values({ owner: claim.owner, key_hash: claim.keyHash, ...answer })
    // Only an answer past its 24 hours, not swept yet, can stand in the way.
    .onConflict((conflict) => conflict.columns(['owner', 'key_hash']).doUpdateSet(answer))
    .execute()
}
