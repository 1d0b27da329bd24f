import { randomBytes } from 'node:crypto'
import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import {
  findAccountByEmail,
  firstMembership,
  insertAccount,
  insertMembership,
  insertOrganization,
  markSignedIn,
  setPassword,
} from './accounts.store.ts'
import { faultOfNewPassword } from './new-password.ts'
import { findReset, takeReset } from './password-resets.store.ts'
import { revokeSessions } from './sessions.store.ts'
import { openSession, toUser } from './sign-in.ts'

export const auth: Handlers<typeof contract.platform.auth> = {
  async register({ body }, context) {
    const { db, services, error, commit, now } = context
    const organizationName = body.organizationName ?? body.email
    const fault = faultOfNewPassword(body.password, [body.email, body.name, body.organizationName])
    if (fault !== undefined) throw error('PASSWORD_TOO_WEAK', { message: fault })
    if ((await findAccountByEmail(db, body.email)) !== undefined) throw error('REGISTRATION_BLOCKED')
    const passwordHash = await services.passwords.hash(body.password)
    return commit(async ({ db, audit }) => {
      const account = await insertAccount(db, { email: body.email, name: body.name ?? null, passwordHash })
      if (account === 'email_taken') throw error('REGISTRATION_BLOCKED')
      const organization = await insertOrganization(
        db,
        { name: organizationName, plan: services.config.plans.initial },
        () => randomBytes(3).toString('hex'),
      )
      await insertMembership(db, { organizationId: organization.id, userId: account.id, role: 'owner' })
      await markSignedIn(db, account.id, now)
      const session = await openSession(db, context, account, organization.id)
      const by = { userId: account.id, email: account.email, organizationId: organization.id }
      await audit({ resource: `user:${account.id}`, by, meta: { organization: organization.slug } })
      return { ...session, user: toUser(account, 'owner'), organization }
    })
  },

  async login({ body }, context) {
    const { db, services, error, commit, now } = context
    const account = await findAccountByEmail(db, body.email)
    const stored = account?.passwordHash ?? undefined
    const isRight = await services.passwords.verify(body.password, stored)
    const membership = account && (await firstMembership(db, account.id))
    const fresh = isRight && stored && services.passwords.needsRehash(stored)
    const rehashed = fresh ? await services.passwords.hash(body.password) : undefined
    return commit(async ({ db, audit }) => {
      const by = {
        userId: account?.id ?? null,
        email: account?.email ?? null,
        organizationId: membership?.organizationId ?? null,
      }
      const resource = account === undefined ? 'user:unknown' : `user:${account.id}`
      if (!isRight || account === undefined || membership === undefined) {
        await audit({ action: 'LOGIN_FAILED', resource, by })
        throw error('INVALID_CREDENTIALS', { keepEffects: true })
      }
      if (rehashed !== undefined) await setPassword(db, account.id, rehashed)
      await markSignedIn(db, account.id, now)
      const session = await openSession(db, context, account, membership.organizationId)
      await audit({ resource, by })
      return { ...session, user: toUser(account, membership.role) }
    })
  },

  async forgotPassword({ body }, { db, services, audit }) {
    const account = await findAccountByEmail(db, body.email)
    const membership = account && (await firstMembership(db, account.id))
    const by = {
      userId: account?.id ?? null,
      email: account?.email ?? null,
      organizationId: membership?.organizationId ?? null,
    }
    await audit({ resource: account === undefined ? 'user:unknown' : `user:${account.id}`, by })
    // A job either way, so that the time of the answer does not tell who has an account.
    await services.queue.send('password-reset.mail', { userId: account?.id ?? null }, { tx: db })
    return { message: 'If this address has an account, a reset link is on its way.' }
  },

  async resetPassword({ body }, { db, services, error, commit, now }) {
    const reset = await findReset(db, body.token, now)
    if (reset === undefined) throw error('RESET_TOKEN_INVALID')
    const fault = faultOfNewPassword(body.password, [reset.email, reset.name])
    if (fault !== undefined) throw error('PASSWORD_TOO_WEAK', { message: fault })
    const passwordHash = await services.passwords.hash(body.password)
    return commit(async ({ db, audit, afterCommit }) => {
      if (!(await takeReset(db, body.token, now))) throw error('RESET_TOKEN_INVALID')
      await setPassword(db, reset.userId, passwordHash)
      await revokeSessions(db, reset.userId, now)
      const membership = await firstMembership(db, reset.userId)
      const organizationId = membership?.organizationId ?? null
      await audit({
        resource: `user:${reset.userId}`,
        by: { userId: reset.userId, email: reset.email, organizationId },
      })
      afterCommit(() => services.credentials.forget((one) => one.userId === reset.userId))
    })
  },
}
