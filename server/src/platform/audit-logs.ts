import type { contract } from '@owlery/spec'
import { verifyChain } from '../audit/verify.ts'
import type { Handlers } from '../http/bind.ts'
import { TextReply } from '../http/reply.ts'
import { boundedWork } from '../security/bounded-work.ts'
import { csvOf } from './audit-logs.export.ts'
import { findCursor, listAuditLogs } from './audit-logs.store.ts'
import { toAuditLog } from './audit-logs.view.ts'

const rowsPerAnswer = 100

// It reads a whole log and hashes all of it; several at once would keep the requests of others waiting.
const oneAtATime = boundedWork(1, 4)

export const auditLogs: Handlers<typeof contract.platform.auditLogs> = {
  async list({ query }, { db, actor, services, error, audit }) {
    const { action, actor: actorUserId, pat_id: actorPatId, resource, format, limit, before } = query
    const from = query.from === undefined ? undefined : new Date(query.from)
    const to = query.to === undefined ? undefined : new Date(query.to)
    if (from !== undefined && to !== undefined && from > to) throw error('BAD_TIME_RANGE')
    const { organizationId } = actor
    const filter = { action, actorUserId, actorPatId, resource, from, to }
    const after = before === undefined ? undefined : await findCursor(db, organizationId, before)
    if (format !== 'csv') {
      const rows = await listAuditLogs(db, organizationId, filter, { limit: limit ?? rowsPerAnswer, after })
      return rows.map(toAuditLog)
    }
    const { format: _, ...asked } = query
    await audit({ resource: `organization:${organizationId}`, meta: { filter: withoutGaps(asked) } })
    // The transaction ends before the first row is read: a slow reader must not keep one open.
    const content = csvOf(services.database.db, { organizationId, filter, after, limit: limit ?? Infinity })
    return new TextReply('text/csv', content, {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': 'attachment; filename="audit-log.csv"',
    })
  },

  async verify({ query }, { db, actor }) {
    const [position, hash] = query.expectedHead?.split(':') ?? []
    const kept = hash === undefined ? undefined : { position: Number(position), hash: Buffer.from(hash, 'hex') }
    const { head, sealedThrough, ...found } = await oneAtATime(() => verifyChain(db, actor.organizationId, kept))
    return {
      ok: found.firstBreak === null,
      ...found,
      sealedThrough: sealedThrough?.toISOString() ?? null,
      head: head === null ? null : { position: head.position, hash: head.hash.toString('hex') },
    }
  },
}

function withoutGaps(asked: Readonly<Record<string, string | number | undefined>>): { [key: string]: string | number } {
  const given: { [key: string]: string | number } = {}
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) given[key] = value
  return given
}
