import type { AuditAction } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { JsonValue } from '../db/json.ts'
import type { Tables } from '../db/tables.ts'
import type { Actor } from './actor.ts'
import type { Incoming } from './request.ts'

export type AuditMeta = { readonly [key: string]: JsonValue }

export type AuditEntry = {
  /** `kind:id` */
  readonly resource: string
  readonly meta?: AuditMeta
  /** Where the record's own action is not what happened: a sign-in that failed. */
  readonly action?: AuditAction
  /** Who did it, where no credential says so: a sign-in. */
  readonly by?: {
    readonly userId: number | null
    readonly email: string | null
    readonly organizationId: number | null
  }
}

const longestHeader = 512

export async function writeAudit(
  db: Kysely<Tables>,
  incoming: Incoming,
  actor: Actor | undefined,
  entry: AuditEntry,
): Promise<void> {
  const action = entry.action ?? incoming.route.operation.audit
  if (action === undefined) throw new Error(`${incoming.route.id} names no audit action`)
  const meta: AuditMeta = { ...entry.meta, ...origin(incoming) }
  await db
    .insertInto('audit_logs')
    .values({
      organization_id: entry.by?.organizationId ?? actor?.organizationId ?? null,
      actor_user_id: entry.by?.userId ?? actor?.userId ?? null,
      actor_pat_id: actor?.kind === 'token' ? actor.token.id : null,
      actor_email: entry.by?.email ?? actor?.email ?? null,
      action,
      resource: entry.resource,
      meta: toJsonb(meta),
    })
    .execute()
}

function origin(incoming: Incoming): AuditMeta {
  const header = (name: string, most: number) => incoming.hono.req.header(name)?.slice(0, most)
  const agentId = header('x-agent-id', 128)
  const conversationId = header('x-conversation-id', 128)
  return {
    ip: incoming.address,
    ua: header('user-agent', longestHeader) ?? null,
    ...(agentId !== undefined && { agentId }),
    ...(conversationId !== undefined && { conversationId }),
  }
}

/** Postgres refuses lone surrogates and NUL in jsonb; what a caller sent must not make the row fail. */
function toJsonb(meta: AuditMeta): string {
  return JSON.stringify(meta, (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value,
  )
}
