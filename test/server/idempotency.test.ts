import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCast, createPerson, createToken } from '../support/actors.ts'
import { isObject } from '../support/document.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { db } = service.services.database
const day = 24 * 60 * 60 * 1000

type Call = {
  readonly as?: string
  readonly key?: string
  readonly method?: string
  readonly path?: string
  readonly body?: unknown
}

function call({ as, key, method = 'POST', path = '/api/v1/me/tokens', body }: Call): Promise<Response> {
  return service.send(origin + path, {
    method,
    headers: {
      ...(as !== undefined && { authorization: `Bearer ${as}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const named = (name: string) => ({ name, scopes: ['tokens:write'] })
const isReplay = (answer: Response) => answer.headers.get('idempotent-replayed') === 'true'
async function codeOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer.json()
  return isObject(body) ? body.code : undefined
}

async function mintedAs(name: string): Promise<number> {
  return (await db.selectFrom('tokens').select('id').where('name', '=', name).execute()).length
}

const stored = () => db.selectFrom('idempotency_keys').selectAll().execute()

describe('a repeated request', () => {
  it('gets the first answer, byte for byte, and changes nothing', async () => {
    const request = { as: cast.owner.session, key: randomUUID(), body: named('once') }
    const first = await call(request)
    const again = await call(request)
    expect([first.status, isReplay(first)]).toEqual([201, false])
    expect([again.status, isReplay(again)]).toEqual([201, true])
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(await again.text()).toBe(await first.text())
    expect(await mintedAs('once')).toBe(1)
  })

  it('is answered again without a body where there was none', async () => {
    const { id } = await createToken(service, cast.owner)
    const request = { as: cast.owner.session, key: randomUUID(), method: 'DELETE', path: `/api/v1/me/tokens/${id}` }
    expect((await call(request)).status).toBe(204)
    const again = await call(request)
    expect([again.status, isReplay(again), await again.text()]).toEqual([204, true, ''])
  })

  it('gets a refusal of the operation itself again', async () => {
    const path = '/api/v1/me/tokens/2147483647'
    const request = { as: cast.owner.session, key: randomUUID(), method: 'DELETE', path }
    const first = await call(request)
    const again = await call(request)
    expect([first.status, again.status, isReplay(first), isReplay(again)]).toEqual([404, 404, false, true])
    expect(await again.text()).toBe(await first.text())
  })

  it('gets the conflict that it met again, though it is gone', async () => {
    const person = await createPerson(service, cast.owner.organizationId, 'member')
    const body = { currentPassword: 'none so far at all', newPassword: 'three blind mice run' }
    const request = { as: person.session, key: randomUUID(), path: '/api/v1/me/change-password', body }
    const first = await call(request)
    const passwordHash = await service.services.passwords.hash(body.currentPassword)
    await db.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', person.userId).execute()
    const again = await call(request)
    expect([first.status, again.status, isReplay(again)]).toEqual([409, 409, true])
    expect(await again.text()).toBe(await first.text())
    expect((await call({ ...request, key: randomUUID() })).status).toBe(204)
  })

  it('is refused when it is not the same request', async () => {
    const { id } = await createToken(service, cast.owner)
    const request = { as: cast.owner.session, key: randomUUID(), body: named('same') }
    expect((await call(request)).status).toBe(201)
    const others: Call[] = [
      { ...request, body: named('other') },
      { ...request, path: '/api/v1/me/tokens?page=2' },
      { as: request.as, key: request.key, method: 'DELETE', path: `/api/v1/me/tokens/${id}` },
    ]
    for (const other of others) {
      const answer = await call(other)
      expect([answer.status, await codeOf(answer)]).toEqual([409, 'IDEMPOTENCY_KEY_REPLAY_CONFLICT'])
    }
    expect(await mintedAs('other')).toBe(0)
    expect(isReplay(await call(request))).toBe(true)
  })

  it('runs anew after 24 hours', async () => {
    const request = { as: cast.owner.session, key: randomUUID(), body: named('daily') }
    await call(request)
    service.clock.advance(day - 1)
    expect(isReplay(await call(request))).toBe(true)
    service.clock.advance(1)
    const anew = await call(request)
    expect([anew.status, isReplay(anew), await mintedAs('daily')]).toEqual([201, false, 2])
    expect(isReplay(await call(request))).toBe(true)
  })
})

describe('what is not kept', () => {
  it('is a fault in the request, so it can be corrected under the same key', async () => {
    const request = { as: cast.owner.session, key: randomUUID() }
    expect((await call({ ...request, body: { name: '' } })).status).toBe(400)
    expect((await call({ ...request, body: named('corrected') })).status).toBe(201)
  })

  it('is a failure of ours, so the same request can succeed later', async () => {
    const { executeSql } = service.services.database
    const request = { as: cast.owner.session, key: randomUUID(), body: named('after a failure') }
    await executeSql('ALTER TABLE audit_logs RENAME TO audit_logs_away')
    const failed = await call(request)
    await executeSql('ALTER TABLE audit_logs_away RENAME TO audit_logs')
    expect([failed.status, await mintedAs('after a failure')]).toEqual([500, 0])
    const retried = await call(request)
    expect([retried.status, isReplay(retried), await mintedAs('after a failure')]).toEqual([201, false, 1])
  })

  it('is a refusal by credential, by permission or by limit', async () => {
    const before = (await stored()).length
    const narrow = await createToken(service, cast.owner, { scopes: ['tokens:write'], dailyMutationLimit: 1 })
    const body = named('capped')
    const refusals: [number, Call][] = [
      [401, { key: randomUUID(), body }],
      [401, { as: `obs_${'x'.repeat(43)}`, key: randomUUID(), body }],
      [403, { as: narrow.token, key: randomUUID(), body: { name: 'wide', scopes: ['*'] } }],
    ]
    for (const [status, refused] of refusals) {
      for (const answer of [await call(refused), await call(refused)]) {
        expect([answer.status, isReplay(answer)]).toEqual([status, false])
      }
    }
    expect(await stored()).toHaveLength(before)

    expect((await call({ as: narrow.token, key: randomUUID(), body })).status).toBe(201)
    const capped = { as: narrow.token, key: randomUUID(), body }
    expect((await call(capped)).status).toBe(429)
    service.clock.advance(day)
    const nextDay = await call(capped)
    expect([nextDay.status, isReplay(nextDay)]).toEqual([201, false])
  })
})

describe('the key', () => {
  it.each([
    ['empty', '', 400],
    ['one character', 'k', 201],
    ['255 characters', 'k'.repeat(255), 201],
    ['256 characters', 'k'.repeat(256), 400],
    ['printable, with a space inside', 'my key: 7/3', 201],
    ['with a tab inside', 'my\tkey', 400],
    ['beyond ASCII', 'schlüssel', 400],
  ])('that is %s: %s', async (what, key, status) => {
    const answer = await call({ as: cast.admin.session, key, body: named(what) })
    expect(answer.status).toBe(status)
    if (status === 400) expect(await codeOf(answer)).toBe('IDEMPOTENCY_KEY_TOO_LONG')
  })

  it('belongs to one token', async () => {
    const [one, other] = [await createToken(service, cast.owner), await createToken(service, cast.owner)]
    const request = { key: randomUUID(), body: named('by token') }
    for (const as of [one.token, other.token, cast.owner.session]) {
      const answer = await call({ ...request, as })
      expect([answer.status, isReplay(answer)]).toEqual([201, false])
    }
    expect(await mintedAs('by token')).toBe(3)
  })

  it('belongs to one person, whichever session they use', async () => {
    const request = { key: randomUUID(), body: named('by person') }
    await call({ ...request, as: cast.member.session })
    const { sessionTokens } = service.services
    const claims = sessionTokens.verify(cast.member.session)
    if (claims === undefined) throw new Error('the session is not valid')
    const renewed = sessionTokens.sign({ sub: claims.sub, sid: claims.sid, org: claims.org, email: claims.email }, 60)
    expect(isReplay(await call({ ...request, as: renewed }))).toBe(true)
    expect(isReplay(await call({ ...request, as: cast.viewer.session }))).toBe(false)
  })

  it('means nothing to operations that ask for no credential, whatever it is', async () => {
    const password = 'three blind mice run'
    const person = await createPerson(service, cast.owner.organizationId, 'member', password)
    const body = { email: person.email, password }
    for (const key of ['same', 'same', 'k'.repeat(300)]) {
      const answer = await call({ key, path: '/api/v1/auth/login', body })
      expect([answer.status, isReplay(answer)]).toEqual([200, false])
    }
    const sessions = await db.selectFrom('sessions').select('id').where('user_id', '=', person.userId).execute()
    expect(sessions).toHaveLength(1 + 3)
  })

  it('does not open what the caller may not do any more', async () => {
    const { token, id } = await createToken(service, cast.owner)
    const request = { as: token, key: randomUUID(), body: named('before the end') }
    expect((await call(request)).status).toBe(201)
    await service.client(cast.owner.session).platform.tokens.delete(id)
    expect((await call(request)).status).toBe(401)
  })
})

describe('at rest', () => {
  it('an answer with a secret is unreadable, and opens only in its own place', async () => {
    const key = randomUUID()
    const created: unknown = await (await call({ as: cast.owner.session, key, body: named('secret') })).json()
    const token = isObject(created) ? String(created.token) : ''
    expect(token).toMatch(/^obs_/)
    const rows = await stored()
    expect(JSON.stringify(rows)).not.toContain(token.slice(4))
    expect(JSON.stringify(rows)).not.toContain(key)
  })
})

describe('many at once with one key', () => {
  it('have one effect; the others hear that it runs, or its answer', async () => {
    const request = { as: cast.owner.session, key: randomUUID(), body: named('storm') }
    const answers = await Promise.all(Array.from({ length: 200 }, () => call(request)))
    const fresh = answers.filter((answer) => answer.status === 201 && !isReplay(answer))
    const replayed = answers.filter((answer) => answer.status === 201 && isReplay(answer))
    const refused = answers.filter((answer) => answer.status === 409)
    expect([fresh.length, await mintedAs('storm')]).toEqual([1, 1])
    expect(fresh.length + replayed.length + refused.length).toBe(200)
    expect(refused.length).toBeGreaterThan(0)
    for (const answer of refused) expect(await codeOf(answer)).toBe('IDEMPOTENCY_IN_PROGRESS')
    expect(isReplay(await call(request))).toBe(true)
  })
})
