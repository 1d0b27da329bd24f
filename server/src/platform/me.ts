import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { findAccount, findOrganization, replacePassword } from './accounts.store.ts'
import { faultOfNewPassword } from './new-password.ts'
import { quotaOf } from './plans.ts'
import { findProfile } from './profile.store.ts'
import { revokeSessions } from './sessions.store.ts'
import { usageOf } from './usage.store.ts'

export const me: Handlers<typeof contract.platform.me> = {
  async get(_input, { db, actor, now }) {
    const profile = await findProfile(db, actor.userId, actor.organizationId)
    const used = await usageOf(db, actor.organizationId, now)
    return {
      ...profile,
      role: actor.role,
      quota: quotaOf(actor.organizationId, profile.organization.plan, used, now),
      ...(actor.kind === 'token' && {
        token: {
          id: actor.token.id,
          name: actor.token.name,
          prefix: actor.token.prefix,
          scopes: [...actor.token.scopes],
          dailyMutationLimit: actor.token.dailyMutationLimit,
          dailyLogBytesLimit: actor.token.dailyLogBytesLimit,
          expiresAt: actor.token.expiresAt?.toISOString() ?? null,
        },
      }),
    }
  },

  async changePassword({ body }, { db, actor, services, now, error, commit }) {
    const account = await findAccount(db, actor.userId)
    if (account === undefined) throw error('INVALID_CREDENTIALS')
    if (account.passwordHash === null) throw error('PASSWORD_NOT_SET')
    if (!(await services.passwords.verify(body.currentPassword, account.passwordHash))) {
      throw error('INVALID_CREDENTIALS', { message: 'The current password is wrong' })
    }
    const organization = await findOrganization(db, actor.organizationId)
    const fault = faultOfNewPassword(body.newPassword, [account.email, account.name, organization?.name])
    if (fault !== undefined) throw error('PASSWORD_TOO_WEAK', { message: fault })
    const passwordHash = await services.passwords.hash(body.newPassword)
    return commit(async ({ db, audit, afterCommit }) => {
      // Two changes at once: the second one knew a password that is no longer the current one.
      const changed = await replacePassword(db, actor.userId, account.passwordHash, passwordHash)
      if (!changed) throw error('INVALID_CREDENTIALS', { message: 'The current password is wrong' })
      await revokeSessions(db, actor.userId, now, actor.sessionId)
      await audit({ resource: `user:${actor.userId}` })
      afterCommit(() => services.credentials.forget((one) => one.userId === actor.userId))
    })
  },
}
