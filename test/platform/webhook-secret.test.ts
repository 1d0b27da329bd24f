import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson, createToken } from '../support/actors.ts'
import { auditOf, codeOf } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { webhookSecret } = service.client(cast.admin.session).platform
const { db } = service.services.database

describe('the webhook secret', () => {
  it('comes into being with the first read, for everybody the same', async () => {
    const person = await createPerson(service, await createOrganization(service), 'owner')
    const own = service.client(person.session).platform.webhookSecret
    const read = await Promise.all(Array.from({ length: 10 }, () => own.get()))
    const [first] = read
    expect(first).toEqual({
      secret: first?.secret,
      algorithm: 'HMAC-SHA256',
      signatureHeader: 'X-24Observe-Signature',
      timestampHeader: 'X-24Observe-Timestamp',
      toleranceSec: 300,
    })
    expect(first?.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(read.map(({ secret }) => secret)).size).toBe(1)
    expect((await webhookSecret.get()).secret).not.toBe(first?.secret)
  })

  it('is replaced at once', async () => {
    const before = await webhookSecret.get()
    const { rotatedAt, ...rotated } = await webhookSecret.rotate()
    expect(rotatedAt).toBe(service.clock.now().toISOString())
    expect(rotated.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(rotated.secret).not.toBe(before.secret)
    expect(await webhookSecret.get()).toEqual(rotated)
  })

  it('is nowhere in the database in plain text, not even for a replay', async () => {
    const { secret } = await webhookSecret.rotate({ idempotencyKey: 'once' })
    expect((await webhookSecret.rotate({ idempotencyKey: 'once' })).secret).toBe(secret)
    const rows = await Promise.all([
      db.selectFrom('organization_secrets').selectAll().execute(),
      db.selectFrom('idempotency_keys').selectAll().execute(),
      db.selectFrom('audit_logs').selectAll().execute(),
    ])
    expect(JSON.stringify(rows)).not.toContain(secret)
  })

  it('is for owners and admins; a token reads it with secrets:read and replaces it with everything', async () => {
    expect(await codeOf(service.client(cast.member.session).platform.webhookSecret.get())).toBe('ROLE_INSUFFICIENT')
    const reader = service.client((await createToken(service, cast.owner, { scopes: ['secrets:read'] })).token)
    const answer = await reader.platform.webhookSecret.get().withResponse()
    expect(answer.response.headers.get('cache-control')).toBe('no-store')
    expect(await codeOf(reader.platform.webhookSecret.rotate())).toBe('PAT_SCOPE_INSUFFICIENT')
    const whole = service.client((await createToken(service, cast.owner)).token)
    expect(await codeOf(whole.platform.webhookSecret.rotate())).toBe('ok')
  })

  it('leaves a trace whenever it is read or replaced', async () => {
    const owner = await createPerson(service, await createOrganization(service), 'owner')
    const own = service.client(owner.session).platform.webhookSecret
    await own.get()
    await own.rotate()
    await own.get()
    expect(await auditOf(service, `organization:${owner.organizationId}`)).toMatchObject([
      { action: 'READ_WEBHOOK_SECRET', actor_user_id: owner.userId, meta: { ip: '127.0.0.1' } },
      { action: 'ROTATE_WEBHOOK_SECRET' },
      { action: 'READ_WEBHOOK_SECRET' },
    ])
  })
})
