import { bind } from '@owlery/server/http/bind.ts'
import { problem, toApiError } from '@owlery/server/http/problem.ts'
import { limitIdentity } from '@owlery/server/http/rate-limit.ts'
import { type Env, receive } from '@owlery/server/http/request.ts'
import { implementation } from '@owlery/server/implementation.ts'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { conformingFetch } from '../support/conforming-fetch.ts'
import { document, object } from '../support/document.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService({ env: { RATE_LIMIT_SCALE: '1' } })
const cast = await createCast(service)
let lastAddress = 0

/** As the document promises it. */
function limitOf(path: string, method: string): { readonly points: number; readonly seconds: number } {
  const limit = object(object(object(object(document.paths)[path])[method])['x-rate-limit'])
  return { points: Number(limit.points), seconds: Number(limit.seconds) }
}

const limits = {
  api: limitOf('/api/v1/me', 'get'),
  register: limitOf('/api/v1/auth/register', 'post'),
  'password-reset': limitOf('/api/v1/auth/reset-password', 'post'),
}

/** Somebody whose buckets are still full. */
function from(address = `192.0.2.${++lastAddress}`) {
  const fetch = conformingFetch(service.app, { checkRequests: false, address })
  return (path: string, init?: RequestInit) => fetch(origin + path, init)
}

const asOwner = { headers: { authorization: `Bearer ${cast.owner.session}` } }
const post = (body: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const unknownReset = post({ token: 'x'.repeat(43), password: 'a long and winding road' })
const statuses = (answers: readonly Response[]) => answers.map(({ status }) => status)
const repeat = (times: number, call: () => Promise<Response>) => Promise.all(Array.from({ length: times }, call))

describe('the bucket of an address', () => {
  it('says with every answer what is left, and refuses the request after the last', async () => {
    const send = from()
    const first = await send('/api/v1/me', asOwner)
    const now = service.clock.now().getTime() / 1000
    expect(first.headers.get('x-ratelimit-limit')).toBe(String(limits.api.points))
    expect(first.headers.get('x-ratelimit-remaining')).toBe(String(limits.api.points - 1))
    const reset = Number(first.headers.get('x-ratelimit-reset'))
    expect(reset).toBeGreaterThan(now + limits.api.seconds - 5)
    expect(reset).toBeLessThanOrEqual(Math.ceil(now + limits.api.seconds))

    const rest = await repeat(limits.api.points - 1, () => send('/api/v1/me', asOwner))
    expect(new Set(statuses(rest))).toEqual(new Set([200]))
    const over = await send('/api/v1/me', asOwner)
    expect(over.status).toBe(429)
    expect(await over.json()).toMatchObject({ code: 'RATE_LIMITED' })
    expect(over.headers.get('x-ratelimit-remaining')).toBe('0')
    const wait = Number(over.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(limits.api.seconds - 5)
    expect(wait).toBeLessThanOrEqual(limits.api.seconds)
  })

  it('counts callers without a credential too, and refuses before it looks at one', async () => {
    const send = from()
    expect(new Set(statuses(await repeat(limits.api.points, () => send('/api/v1/me'))))).toEqual(new Set([401]))
    expect((await send('/api/v1/me', asOwner)).status).toBe(429)
  })

  it('is another one for another address and for another limit', async () => {
    const send = from()
    await repeat(limits.api.points + 1, () => send('/api/v1/me'))
    expect((await from()('/api/v1/me', asOwner)).status).toBe(200)
    expect((await send('/api/v1/auth/reset-password', unknownReset)).status).toBe(400)
  })

  it('is one for a whole IPv6 network of a subscriber', async () => {
    const one = from('2001:db8:1:2::1')
    const answers = await repeat(limits.api.points, () => one('/api/v1/me'))
    expect(new Set(statuses(answers))).toEqual(new Set([401]))
    expect((await from('2001:db8:1:2:ffff::9')('/api/v1/me')).status).toBe(429)
    expect((await from('2001:db8:1:3::1')('/api/v1/me')).status).toBe(401)
  })

  it('holds as many points for small limits, however many requests come at once', async () => {
    const send = from()
    const answers = await repeat(30, () => send('/api/v1/auth/reset-password', unknownReset))
    expect(statuses(answers).filter((status) => status === 400)).toHaveLength(limits['password-reset'].points)
    expect(statuses(answers).filter((status) => status === 429)).toHaveLength(30 - limits['password-reset'].points)
  })

  it('speaks with the code of its record where that has one', async () => {
    const send = from()
    const answers = await repeat(limits.register.points + 1, () => send('/api/v1/auth/register', post({})))
    expect(statuses(answers).toSorted()).toEqual([400, 400, 400, 400, 400, 429])
    const refused = answers.find(({ status }) => status === 429)
    expect(await refused?.json()).toMatchObject({ code: 'REGISTRATION_BLOCKED' })
  })
})

describe('the bucket of a credential', () => {
  const route = bind(implementation).find(({ id }) => id === 'platform.me.get')
  if (route === undefined) throw new Error('the contract has no platform.me.get')
  const limited = { ...route, operation: { ...route.operation, identityLimit: 'requests' as const } }

  it('lets 100 requests pass at once, whatever the address, and not one more', async () => {
    const { credentials, database } = service.services
    const app = new Hono<Env>()
    app.get('/limited', async (hono) => {
      const incoming = receive(hono, limited, service.services)
      try {
        await limitIdentity(incoming, await credentials.find('limited', async () => actor))
        return hono.body(null, 204)
      } catch (error) {
        const { status, headers } = problem(toApiError(error), incoming.id)
        return new Response(null, { status, headers })
      }
    })
    const { id } = await createToken(service, cast.member)
    const found = await database.db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const actor = {
      kind: 'token' as const,
      userId: cast.member.userId,
      userUuid: '0f3b8c9e-7a55-4c1e-9d53-6d5d5a8a6b01',
      email: cast.member.email,
      role: cast.member.role,
      organizationId: cast.member.organizationId,
      token: {
        id,
        name: found.name,
        prefix: found.prefix,
        scopes: found.scopes,
        dailyMutationLimit: null,
        cappedBy: [],
        dailyLogBytesLimit: null,
        expiresAt: null,
      },
    }
    const started = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 130 }, async (_, index) =>
        app.fetch(new Request(`${origin}/limited`), {
          incoming: { socket: { remoteAddress: `198.51.100.${index}` } },
        }),
      ),
    )
    // 10 come back each second while the requests run.
    const most = 100 + Math.ceil((performance.now() - started) / 100)
    const passed = statuses(answers).filter((status) => status === 204).length
    expect(passed).toBeGreaterThanOrEqual(100)
    expect(passed).toBeLessThanOrEqual(most)
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1')
  })
})
