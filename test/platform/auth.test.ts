import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
await service.startJobs()
const anonymous = service.client().platform
const password = 'violet umbrellas at noon'

async function auditOf(email: string): Promise<string[]> {
  const rows = await service.services.database.db
    .selectFrom('audit_logs')
    .select('action')
    .where('actor_email', '=', email)
    .orderBy('id')
    .execute()
  return rows.map((row) => row.action)
}

describe('register', () => {
  it('makes an owner of a new organization and signs them in', async () => {
    const call = anonymous.auth.register({ email: 'Ada@Example.com', password, organizationName: 'Analytical Engines' })
    const { data, response } = await call.withResponse()
    expect(data.user).toMatchObject({ email: 'ada@example.com', role: 'owner' })
    expect(data.organization).toMatchObject({ name: 'Analytical Engines', slug: 'analytical-engines' })
    expect(response.headers.get('set-cookie')).toMatch(/^token=.+; HttpOnly; SameSite=Lax$/)
    const me = await service.client(data.token).platform.me.get()
    expect(me).toMatchObject({ email: 'ada@example.com', role: 'owner', hasPassword: true })
    expect(await auditOf('ada@example.com')).toEqual(['REGISTER'])
  })

  it('refuses an e-mail that is in use, in any case of letters, and leaves nothing behind', async () => {
    const count = () =>
      service.services.database.db
        .selectFrom('organizations')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .execute()
    const before = await count()
    const outcome = await anonymous.auth.register({ email: 'ADA@example.com', password }).result()
    expect(!outcome.ok && outcome.error.code).toBe('REGISTRATION_BLOCKED')
    expect(await count()).toEqual(before)
  })

  it('lets one of many simultaneous registrations of an e-mail through', async () => {
    const tries = Array.from({ length: 5 }, () =>
      anonymous.auth.register({ email: 'race@example.com', password }).result(),
    )
    const outcomes = await Promise.all(tries)
    expect(outcomes.filter((one) => one.ok)).toHaveLength(1)
    expect(outcomes.flatMap((one) => (one.ok ? [] : [one.error.code]))).toEqual(Array(4).fill('REGISTRATION_BLOCKED'))
  })

  it('refuses passwords that are guessed first', async () => {
    for (const weak of ['1234567890', 'password123', 'aaaaaaaaaaaaaa', 'grace@example.com']) {
      const outcome = await anonymous.auth.register({ email: 'grace@example.com', password: weak }).result()
      expect(!outcome.ok && outcome.error.code, weak).toBe('PASSWORD_TOO_WEAK')
    }
  })

  it('gives equal names different slugs', async () => {
    const first = await anonymous.auth.register({ email: 'a1@example.com', password, organizationName: 'Same' })
    const second = await anonymous.auth.register({ email: 'a2@example.com', password, organizationName: 'Same' })
    expect(first.organization.slug).not.toBe(second.organization.slug)
  })
})

describe('login', () => {
  it('opens a session and writes it down', async () => {
    const { token, user } = await anonymous.auth.login({ email: 'ADA@example.com', password })
    expect(user.email).toBe('ada@example.com')
    expect((await service.client(token).platform.me.get()).id).toBe(user.id)
    expect((await auditOf('ada@example.com')).at(-1)).toBe('LOGIN')
  })

  it('answers a wrong password and an unknown e-mail alike, and audits both', async () => {
    const wrong = await anonymous.auth.login({ email: 'ada@example.com', password: 'not this one' }).result()
    const unknown = await anonymous.auth.login({ email: 'nobody@example.com', password: 'not this one' }).result()
    expect(!wrong.ok && wrong.error.code).toBe('INVALID_CREDENTIALS')
    const said = (outcome: typeof wrong) => (outcome.ok ? undefined : [outcome.error.status, outcome.error.code])
    expect(said(unknown)).toEqual(said(wrong))
    expect((await auditOf('ada@example.com')).at(-1)).toBe('LOGIN_FAILED')
    const rows = await service.services.database.db
      .selectFrom('audit_logs')
      .select('action')
      .where('resource', '=', 'user:unknown')
      .execute()
    expect(rows).toEqual([{ action: 'LOGIN_FAILED' }])
  })

  it('accepts the cookie for reads, and for changes only from its own origin', async () => {
    const { token } = await anonymous.auth.login({ email: 'ada@example.com', password })
    const cookie = `token=${token}`
    expect((await service.fetch(`${origin}/api/v1/me`, { headers: { cookie } })).status).toBe(200)
    const create = (headers: Record<string, string>) =>
      service.fetch(`${origin}/api/v1/me/tokens`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ name: 'by cookie' }),
      })
    expect((await create({ origin })).status).toBe(201)
    expect((await create({ 'sec-fetch-site': 'same-origin' })).status).toBe(201)
    expect((await create({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await create({ 'sec-fetch-site': 'cross-site', origin })).status).toBe(403)
    expect((await create({})).status).toBe(403)
  })
})

describe('sessions', () => {
  it('are renewed while they are used, and end when they are not', async () => {
    const start = service.clock.now()
    const { token } = await anonymous.auth.login({ email: 'ada@example.com', password })
    service.clock.advance(25 * 3600 * 1000)
    const { response } = await service.client(token).platform.me.get().withResponse()
    const renewed = response.headers.get('x-refreshed-token')
    expect(renewed).not.toBeNull()
    await service.services.sessionUse.flush()
    service.clock.set(new Date(start.getTime() + 30.5 * 86_400_000))
    expect((await service.client(renewed ?? '').platform.me.get()).email).toBe('ada@example.com')
    const old = await service.client(token).platform.me.get().result()
    expect(!old.ok && old.error.code).toBe('INVALID_TOKEN')
    service.clock.set(start)
  })
})

describe('change password', () => {
  it('ends every other session, keeps this one, and needs the current password', async () => {
    const { token } = await anonymous.auth.register({ email: 'mary@example.com', password })
    const other = await anonymous.auth.login({ email: 'mary@example.com', password })
    const mine = service.client(token).platform.me
    const wrong = await mine.changePassword({ currentPassword: 'no', newPassword: 'seven seas of rhye' }).result()
    expect(!wrong.ok && wrong.error.code).toBe('INVALID_CREDENTIALS')
    const weak = await mine.changePassword({ currentPassword: password, newPassword: 'mary@example.com' }).result()
    expect(!weak.ok && weak.error.code).toBe('PASSWORD_TOO_WEAK')
    await mine.changePassword({ currentPassword: password, newPassword: 'seven seas of rhye' })
    expect((await mine.get()).email).toBe('mary@example.com')
    const dead = await service.client(other.token).platform.me.get().result()
    expect(!dead.ok && dead.error.code).toBe('INVALID_TOKEN')
    const old = await anonymous.auth.login({ email: 'mary@example.com', password }).result()
    expect(!old.ok && old.error.code).toBe('INVALID_CREDENTIALS')
    await anonymous.auth.login({ email: 'mary@example.com', password: 'seven seas of rhye' })
    expect(await auditOf('mary@example.com')).toContain('CHANGE_PASSWORD')
  })

  it('refuses tokens and accounts without a password', async () => {
    const { token } = await anonymous.auth.register({ email: 'kate@example.com', password })
    const pat = await service.client(token).platform.tokens.create({ name: 'pat' })
    const body = { currentPassword: password, newPassword: 'seven seas of rhye' }
    const refused = await service.client(pat.token).platform.me.changePassword(body).result()
    expect(!refused.ok && refused.error.code).toBe('SESSION_REQUIRED')
    await service.services.database.db
      .updateTable('users')
      .set({ password_hash: null })
      .where('email', '=', 'kate@example.com')
      .execute()
    const unset = await service.client(token).platform.me.changePassword(body).result()
    expect(!unset.ok && unset.error.code).toBe('PASSWORD_NOT_SET')
  })
})

describe('password reset', () => {
  const outbox = () => readdir(join(service.dataDir, 'outbox')).catch(() => [])

  async function linkFor(email: string): Promise<string> {
    const mails = await vi.waitFor(
      async () => {
        const files = await outbox()
        const texts = await Promise.all(files.map((file) => readFile(join(service.dataDir, 'outbox', file), 'utf8')))
        const found = texts.filter((text) => text.includes(email))
        if (found.length === 0) throw new Error('no mail yet')
        return found
      },
      { timeout: 20_000, interval: 100 },
    )
    const plain = (mails.at(-1) ?? '').replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
    const found = /#token=([A-Za-z0-9_-]+)/.exec(plain)?.[1]
    if (found === undefined) throw new Error('the mail has no link')
    return found
  }

  it('mails a link that works once and ends every session', async () => {
    const { token } = await anonymous.auth.register({ email: 'rose@example.com', password })
    const known = await anonymous.auth.forgotPassword({ email: 'rose@example.com' })
    const unknown = await anonymous.auth.forgotPassword({ email: 'nobody@example.com' })
    expect(known).toEqual(unknown)
    const reset = await linkFor('rose@example.com')
    const weak = await anonymous.auth.resetPassword({ token: reset, password: 'rose@example.com' }).result()
    expect(!weak.ok && weak.error.code).toBe('PASSWORD_TOO_WEAK')
    await anonymous.auth.resetPassword({ token: reset, password: 'seven seas of rhye' })
    const again = await anonymous.auth.resetPassword({ token: reset, password: 'another long one' }).result()
    expect(!again.ok && again.error.code).toBe('RESET_TOKEN_INVALID')
    const dead = await service.client(token).platform.me.get().result()
    expect(!dead.ok && dead.error.code).toBe('INVALID_TOKEN')
    await anonymous.auth.login({ email: 'rose@example.com', password: 'seven seas of rhye' })
    expect(await auditOf('rose@example.com')).toEqual(['REGISTER', 'REQUEST_PASSWORD_RESET', 'RESET_PASSWORD', 'LOGIN'])
    expect((await outbox()).length).toBe(1)
  })

  it('refuses a link that is older than an hour, and one that never was', async () => {
    await anonymous.auth.register({ email: 'iris@example.com', password })
    await anonymous.auth.forgotPassword({ email: 'iris@example.com' })
    const reset = await linkFor('iris@example.com')
    service.clock.advance(3_600_001)
    for (const token of [reset, 'x'.repeat(43)]) {
      const outcome = await anonymous.auth.resetPassword({ token, password: 'seven seas of rhye' }).result()
      expect(!outcome.ok && outcome.error.code).toBe('RESET_TOKEN_INVALID')
    }
  })
})
