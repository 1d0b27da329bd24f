import { isApiError } from '@owlery/client'
import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)

describe('minting', () => {
  it('answers the secret once and keeps only a hash', async () => {
    const created = await service
      .client(cast.owner.session)
      .platform.tokens.create({ name: 'bot', scopes: ['logs:write'] })
    expect(Object.keys(created).sort()).toEqual(['createdAt', 'expiresAt', 'id', 'name', 'prefix', 'token'])
    expect(created.token).toMatch(/^obs_[A-Za-z0-9_-]{43}$/)
    expect(created.prefix).toBe(created.token.slice(0, 12))
    const rows = await service.services.database.db
      .selectFrom('tokens')
      .selectAll()
      .where('id', '=', created.id)
      .execute()
    expect(JSON.stringify(rows)).not.toContain(created.token.slice(12))
    expect((await service.client(created.token).platform.me.get()).token?.id).toBe(created.id)
  })

  it('defaults to everything the owner may do', async () => {
    const created = await service.client(cast.viewer.session).platform.tokens.create({ name: 'all' })
    const me = await service.client(created.token).platform.me.get()
    expect(me.token?.scopes).toEqual(['*'])
    expect(me.role).toBe('viewer')
  })

  it('refuses an expiry that has passed', async () => {
    const call = service
      .client(cast.owner.session)
      .platform.tokens.create({ name: 'late', expiresAt: '2020-01-01T00:00:00Z' })
    const outcome = await call.result()
    expect(!outcome.ok && outcome.error.code).toBe('VALIDATION_FAILED')
    expect(!outcome.ok && outcome.error.fields?.[0]?.path).toBe('expiresAt')
  })

  it('never grants more than the minting token has', async () => {
    const inAYear = new Date(service.clock.now().getTime() + 365 * 86_400_000)
    const parent = await createToken(service, cast.owner, {
      scopes: ['tokens:write', 'monitors:*'],
      dailyMutationLimit: 100,
      expiresAt: inAYear,
    })
    const { tokens } = service.client(parent.token).platform
    const code = async (body: Parameters<typeof tokens.create>[0]) => {
      const outcome = await tokens.create(body).result()
      return outcome.ok ? 'ok' : outcome.error.code
    }
    expect(await code({ name: 'all' })).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await code({ name: 'other', scopes: ['logs:write'] })).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await code({ name: 'wide', scopes: ['monitors:*'] })).toBe('ok')
    expect(await code({ name: 'narrow', scopes: ['monitors:read'] })).toBe('ok')
    expect(await code({ name: 'more', scopes: ['monitors:read'], dailyMutationLimit: 101 })).toBe('PAT_GRANT_EXCEEDED')
    const later = new Date(inAYear.getTime() + 1000).toISOString()
    expect(await code({ name: 'longer', scopes: ['monitors:read'], expiresAt: later })).toBe('PAT_GRANT_EXCEEDED')
  })

  it('hands down what the new token leaves out', async () => {
    const expiresAt = new Date(service.clock.now().getTime() + 86_400_000)
    const parent = await createToken(service, cast.owner, {
      dailyMutationLimit: 50,
      dailyLogBytesLimit: 1000,
      expiresAt,
    })
    const child = await service.client(parent.token).platform.tokens.create({ name: 'child' })
    const me = await service.client(child.token).platform.me.get()
    expect(me.token).toMatchObject({
      dailyMutationLimit: 50,
      dailyLogBytesLimit: 1000,
      expiresAt: expiresAt.toISOString(),
    })
  })
})

describe('listing', () => {
  it('shows only the caller’s own tokens of this organization, newest first, without secrets', async () => {
    const mine = service.client(cast.admin.session).platform.tokens
    expect(await mine.list()).toEqual([])
    const first = await mine.create({ name: 'first' })
    const second = await mine.create({ name: 'second' })
    const listed = await mine.list()
    expect(listed.map((one) => one.id)).toEqual([second.id, first.id])
    expect(JSON.stringify(listed)).not.toContain(second.token.slice(12))
  })

  it('continues page by page without skipping or repeating', async () => {
    const mine = service.client(cast.member.session).platform.tokens
    for (let index = 0; index < 7; index++) await mine.create({ name: `token ${index}` })
    const seen: string[] = []
    for await (const token of mine.list({ limit: 3 })) seen.push(token.name)
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `token ${index}`))
  })
})

describe('revoking', () => {
  it('takes effect at once, keeps the row, and can be repeated', async () => {
    const mine = service.client(cast.owner.session).platform.tokens
    const created = await mine.create({ name: 'doomed' })
    await service.client(created.token).platform.me.get()
    await mine.delete(created.id)
    const failure = await service.client(created.token).platform.me.get().result()
    expect(!failure.ok && failure.error.code).toBe('INVALID_TOKEN')
    await mine.delete(created.id)
    const revoked = (await mine.list()).find((one) => one.id === created.id)
    expect(revoked?.revokedAt).not.toBeNull()
  })

  it('is open to a token for itself, whatever its scopes, and for no other', async () => {
    const narrow = await createToken(service, cast.member, { scopes: ['logs:write'] })
    const other = await createToken(service, cast.member)
    const mine = service.client(narrow.token).platform.tokens
    const refused = await mine.delete(other.id).result()
    expect(!refused.ok && refused.error.code).toBe('PAT_SCOPE_INSUFFICIENT')
    await mine.delete(narrow.id)
    await expect(service.client(narrow.token).platform.me.get()).rejects.toSatisfy((error) =>
      isApiError(error, 'INVALID_TOKEN'),
    )
  })

  it('does not reach what is another’s', async () => {
    const foreign = await createToken(service, cast.stranger)
    const colleague = await createToken(service, cast.admin)
    for (const id of [foreign.id, colleague.id, 2147483647]) {
      const outcome = await service.client(cast.owner.session).platform.tokens.delete(id).result()
      expect(!outcome.ok && outcome.error.code).toBe('NOT_FOUND')
    }
    expect((await service.client(foreign.token).platform.me.get()).token?.id).toBe(foreign.id)
  })
})

describe('use', () => {
  it('is remembered, a little late', async () => {
    const created = await createToken(service, cast.owner)
    await service.client(created.token).platform.me.get()
    await service.services.tokenUse.flush()
    const listed = await service.client(cast.owner.session).platform.tokens.list()
    expect(listed.find((one) => one.id === created.id)?.lastUsedAt).toBe(service.clock.now().toISOString())
  })

  it('never moves back, though another process may write what it saw later', async () => {
    const created = await createToken(service, cast.owner)
    const now = service.clock.now()
    const use = async (moment: Date) => {
      service.clock.set(moment)
      await service.client(created.token).platform.me.get()
      await service.client(cast.owner.session).platform.me.get()
      await service.services.tokenUse.flush()
      await service.services.sessionUse.flush()
    }
    const seen = () =>
      service.services.database.db
        .selectFrom('sessions')
        .select(['last_seen_at', 'expires_at'])
        .where('id', '=', cast.owner.sessionId)
        .executeTakeFirstOrThrow()
    await use(new Date(now.getTime() + 60_000))
    const later = await seen()
    await use(now)
    const listed = await service.client(cast.owner.session).platform.tokens.list()
    const lastUsedAt = new Date(now.getTime() + 60_000).toISOString()
    expect(listed.find((one) => one.id === created.id)?.lastUsedAt).toBe(lastUsedAt)
    expect(await seen()).toEqual(later)
  })
})
