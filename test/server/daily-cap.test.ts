import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService({ now: new Date('2026-03-01T22:30:00.000Z') })
const cast = await createCast(service)

type Call = { readonly body?: unknown; readonly key?: string }

function mint(token: string, { body = { name: 'a token', scopes: ['logs:write'] }, key }: Call = {}) {
  return service.send(`${origin}/api/v1/me/tokens`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  })
}

const me = (token: string) => service.send(`${origin}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
const remaining = (answer: Response) => answer.headers.get('x-pat-mut-remaining')

async function minted(): Promise<number> {
  const { db } = service.services.database
  const { count } = await db
    .selectFrom('tokens')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

describe('the headers', () => {
  it('count down with each change, and come with every answer to a token', async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 2 })
    const reset = String(Date.parse('2026-03-02T00:00:00Z') / 1000)
    const reading = await me(token)
    expect(reading.headers.get('x-pat-mut-limit')).toBe('2')
    expect(remaining(reading)).toBe('2')
    expect(reading.headers.get('x-pat-mut-reset')).toBe(reset)
    expect(remaining(await mint(token))).toBe('1')
    expect(remaining(await me(token))).toBe('1')
    expect(remaining(await mint(token))).toBe('0')
    const refused = await mint(token)
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ code: 'PAT_DAILY_LIMIT_EXCEEDED' })
    expect(remaining(refused)).toBe('0')
    expect(refused.headers.get('x-pat-mut-reset')).toBe(reset)
    expect(refused.headers.get('retry-after')).toBe(String(90 * 60))
  })

  it('say unlimited without a cap, and nothing to a session', async () => {
    const { token } = await createToken(service, cast.owner)
    const answer = await mint(token)
    expect(answer.headers.get('x-pat-mut-limit')).toBe('unlimited')
    expect(remaining(answer)).toBe('unlimited')
    expect(answer.headers.get('x-pat-mut-reset')).not.toBeNull()
    expect((await me(cast.owner.session)).headers.has('x-pat-mut-limit')).toBe(false)
  })
})

describe('what counts', () => {
  it('is only what succeeded', async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 3, scopes: ['tokens:write'] })
    expect((await mint(token, { body: { name: '' } })).status).toBe(400)
    expect((await mint(token, { body: { name: 'x', scopes: ['*'] } })).status).toBe(403)
    const unknown = { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }
    expect((await service.send(`${origin}/api/v1/me/tokens/2147483647`, unknown)).status).toBe(404)
    const keyed = { ...unknown, headers: { ...unknown.headers, 'idempotency-key': randomUUID() } }
    expect((await service.send(`${origin}/api/v1/me/tokens/2147483647`, keyed)).status).toBe(404)
    expect(remaining(await me(token))).toBe('3')
  })

  it('is a change once, however often it is replayed, also when nothing is left', async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 1, scopes: ['tokens:write'] })
    const call = { body: { name: 'replayed', scopes: ['tokens:write'] }, key: randomUUID() }
    const first = await mint(token, call)
    expect([first.status, remaining(first)]).toEqual([201, '0'])
    const again = await mint(token, call)
    expect([again.status, again.headers.get('idempotent-replayed'), remaining(again)]).toEqual([201, 'true', '0'])
    expect((await mint(token, { ...call, key: randomUUID() })).status).toBe(429)
  })

  it('is counted for each token by itself', async () => {
    const one = await createToken(service, cast.owner, { dailyMutationLimit: 1 })
    const other = await createToken(service, cast.owner, { dailyMutationLimit: 1 })
    expect((await mint(one.token)).status).toBe(201)
    expect((await mint(one.token)).status).toBe(429)
    expect((await mint(other.token)).status).toBe(201)
  })
})

describe('the day', () => {
  it('ends at midnight UTC', async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 1 })
    expect((await mint(token)).status).toBe(201)
    service.clock.set(new Date('2026-03-01T23:59:59.999Z'))
    const late = await mint(token)
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '1'])
    service.clock.set(new Date('2026-03-02T00:00:00.000Z'))
    expect(remaining(await me(token))).toBe('1')
    expect((await mint(token)).status).toBe(201)
    expect((await mint(token)).status).toBe(429)
  })
})

describe('many at once', () => {
  it('get exactly as many changes as the cap allows', { timeout: 60_000 }, async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 100 })
    const before = await minted()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => mint(token)))
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(201), count(429), await minted()]).toEqual([100, 900, before + 100])
  })

  it('may guard their changes with If-Match, though all of them count on one cap', async () => {
    const { token } = await createToken(service, cast.owner, { dailyMutationLimit: 100 })
    const { monitors } = service.client(cast.owner.session).uptime
    const ids: number[] = []
    for (let index = 0; index < 8; index++) {
      ids.push((await monitors.create(website())).id)
    }
    const change = async (id: number) => {
      const path = `${origin}/api/v1/monitors/${id}`
      const read = await service.send(path, { headers: { authorization: `Bearer ${token}` } })
      const headers = { 'if-match': read.headers.get('etag') ?? '', 'content-type': 'application/json' }
      return service.send(path, {
        method: 'PATCH',
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: JSON.stringify({ tags: ['changed'] }),
      })
    }
    const answers = await Promise.all(ids.map(change))
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200))
    expect(remaining(await me(token))).toBe(String(100 - ids.length))
  })
})
