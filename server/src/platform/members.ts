import type { contract } from '@owlery/spec'
import { diffOf } from '../audit/diff.ts'
import type { Handlers } from '../http/bind.ts'
import { changeRole, listMembers, type MemberRow } from './members.store.ts'

export const members: Handlers<typeof contract.platform.members> = {
  async list({ query }, { db, actor }) {
    const rows = await listMembers(db, actor.organizationId, { limit: query.limit, after: query.after })
    return rows.map(toMember)
  },

  async update({ params, body }, { db, actor, services, error, audit, afterCommit }) {
    const { organizationId } = actor
    const { userId } = params
    const changed = await changeRole(db, organizationId, userId, body.role)
    if (changed === 'not_found') throw error('NOT_FOUND')
    if (changed === 'sole_owner') throw error('SOLE_OWNER')
    await audit({
      resource: `user:${userId}`,
      meta: { email: changed.member.email, ...diffOf({ role: changed.before }, { role: body.role }, new Set()) },
    })
    afterCommit(() =>
      services.credentials.forget((one) => one.userId === userId && one.organizationId === organizationId),
    )
    return toMember(changed.member)
  },
}

function toMember(row: MemberRow) {
  return { ...row, joinedAt: row.joinedAt.toISOString(), lastLoginAt: row.lastLoginAt?.toISOString() ?? null }
}
