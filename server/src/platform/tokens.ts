import { allows, type contract } from '@owlery/spec'
import type { Actor } from '../http/actor.ts'
import type { Handlers } from '../http/bind.ts'
import { mintToken } from '../security/tokens.ts'
import { insertToken, listTokens, revokeToken, type TokenRow } from './tokens.store.ts'

export const tokens: Handlers<typeof contract.platform.tokens> = {
  async list({ query }, { db, actor }) {
    const rows = await listTokens(db, actor, { limit: query.limit, before: query.before })
    return rows.map(toToken)
  },

  async create({ body }, { db, actor, now, error, audit }) {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null
    if (expiresAt !== null && expiresAt <= now) {
      const fault = { path: 'expiresAt', code: 'custom', message: 'Must be in the future' }
      throw error('VALIDATION_FAILED', { fields: [fault] })
    }
    const asked = {
      scopes: body.scopes ?? ['*'],
      dailyMutationLimit: body.dailyMutationLimit ?? null,
      dailyLogBytesLimit: body.dailyLogBytesLimit ?? null,
      expiresAt,
    }
    const missing = missingScope(actor, asked.scopes)
    if (missing !== undefined) {
      throw error('PAT_SCOPE_INSUFFICIENT', { message: `The token cannot grant ${missing}, which it lacks` })
    }
    const granted = inherit(actor, asked)
    if (exceeds(actor, granted)) throw error('PAT_GRANT_EXCEEDED')
    const cappedBy = capsOver(actor)
    if (cappedBy.length > mostCapsOver) {
      throw error('PAT_GRANT_EXCEEDED', { message: `More than ${mostCapsOver} different caps in a line are too many` })
    }

    const { plaintext, shownPrefix, hash } = mintToken('obs_')
    const { organizationId, userId } = actor
    const token = { organizationId, userId, name: body.name, prefix: shownPrefix, hash, now, cappedBy, ...granted }
    const row = await insertToken(db, token)
    await audit({
      resource: `token:${row.id}`,
      meta: {
        name: body.name,
        scopes: [...granted.scopes],
        dailyMutationLimit: granted.dailyMutationLimit,
        dailyLogBytesLimit: granted.dailyLogBytesLimit,
        expiresAt: granted.expiresAt?.toISOString() ?? null,
      },
    })
    return {
      id: row.id,
      name: body.name,
      prefix: shownPrefix,
      token: plaintext,
      expiresAt: granted.expiresAt?.toISOString() ?? null,
      createdAt: row.created_at.toISOString(),
    }
  },

  async delete({ params }, { db, actor, services, now, error, audit, afterCommit }) {
    const revoked = await revokeToken(db, actor, params.id, now)
    if (revoked === undefined) throw error('NOT_FOUND')
    await audit({ resource: `token:${params.id}`, meta: { snapshot: revoked } })
    afterCommit(() => services.credentials.forget((one) => one.kind === 'token' && one.token.id === params.id))
  },
}

type Grant = {
  readonly scopes: readonly string[]
  readonly dailyMutationLimit: number | null
  readonly dailyLogBytesLimit: number | null
  readonly expiresAt: Date | null
}

function missingScope(actor: Actor, scopes: readonly string[]): string | undefined {
  return actor.kind === 'token' ? scopes.find((scope) => !allows(actor.token.scopes, scope)) : undefined
}

/** What a token leaves out when it mints another one is its own cap and its own end, not "none". */
function inherit(actor: Actor, asked: Grant): Grant {
  if (actor.kind === 'session') return asked
  const own = actor.token
  return {
    scopes: asked.scopes,
    dailyMutationLimit: asked.dailyMutationLimit ?? own.dailyMutationLimit,
    dailyLogBytesLimit: asked.dailyLogBytesLimit ?? own.dailyLogBytesLimit,
    expiresAt: asked.expiresAt ?? own.expiresAt,
  }
}

function exceeds(actor: Actor, granted: Grant): boolean {
  if (actor.kind === 'session') return false
  const over = (mine: number | null, theirs: number | null) => mine !== null && (theirs === null || theirs > mine)
  const own = actor.token
  return (
    over(own.dailyMutationLimit, granted.dailyMutationLimit) ||
    over(own.dailyLogBytesLimit, granted.dailyLogBytesLimit) ||
    over(own.expiresAt?.getTime() ?? null, granted.expiresAt?.getTime() ?? null)
  )
}

/** As the table has it. */
const mostCapsOver = 16

/**
 * The tokens whose caps the new one uses up too: else a capped token could mint its cap many times over. One whose caps
 * are those of the token before it in the line is left out, since that one is charged for all it would be.
 */
function capsOver(actor: Actor): number[] {
  if (actor.kind === 'session') return []
  const { cappedBy, ...own } = actor.token
  const last = cappedBy.at(-1) ?? { dailyMutationLimit: null, dailyLogBytesLimit: null }
  const addsNothing =
    own.dailyMutationLimit === last.dailyMutationLimit && own.dailyLogBytesLimit === last.dailyLogBytesLimit
  return [...cappedBy.map(({ id }) => id), ...(addsNothing ? [] : [own.id])]
}

function toToken(row: TokenRow) {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    dailyMutationLimit: row.daily_mutation_limit,
    dailyLogBytesLimit: row.daily_log_bytes_limit,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}
