import { createApp } from '@owlery/server/app.ts'
import { connect } from '@owlery/server/db/connect.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { createNoteBeat } from '@owlery/server/uptime/heartbeats.batches.ts'
import type { Kysely } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { createCast, createPerson, createToken, type Person } from '../support/actors.ts'
import { conformingFetch, type Fetch } from '../support/conforming-fetch.ts'
import { type DocumentedOperation, isObject, object, operations, resolved } from '../support/document.ts'
import { type Parts, requestTo, samplePath } from '../support/requests.ts'
import { seededBody, seededPath } from '../support/seeds.ts'
import { freshService } from '../support/service.ts'

/** What the document says of limits, repetitions and bad days, tried on every operation that it says it of. */

const service = await freshService()
const { services } = service
// Some changes announce themselves through it.
await services.queue.start()
afterAll(() => services.queue.stop(1000))
const cast = await createCast(service)

function declaring(status: number, code: string): DocumentedOperation[] {
  return operations.filter(({ codes }) => codes.get(status)?.includes(code) === true)
}

async function pathFor(operation: DocumentedOperation, person: Person): Promise<string> {
  return operation.isPublic ? samplePath(operation) : (await seededPath(service, person, operation)).existing
}

async function bearerFor(operation: DocumentedOperation, person: Person): Promise<Pick<Parts, 'bearer'>> {
  if (operation.isPublic) return {}
  if (operation.credentials.includes('session')) return { bearer: person.session }
  return { bearer: (await createToken(service, person)).token }
}

async function bodyFor(operation: DocumentedOperation, person: Person): Promise<Pick<Parts, 'body'>> {
  const body = await seededBody(service, person, operation)
  return body === undefined ? {} : { body: JSON.stringify(body) }
}

async function send(fetch: Fetch, operation: DocumentedOperation, parts: Parts) {
  const response = await fetch(requestTo(operation, parts))
  const text = await response.text()
  const isFailure = response.status >= 400
  const isJson = response.headers.get('content-type') === 'application/json' && operation.method !== 'HEAD'
  const body: unknown = isFailure && isJson ? JSON.parse(text) : undefined
  // The answer to a HEAD has no body; its status stands for the only code that it can mean.
  const implied = operation.method === 'HEAD' ? operation.codes.get(response.status)?.[0] : undefined
  return { status: response.status, code: isObject(body) ? body.code : implied, headers: response.headers, text }
}

describe('limits by address', async () => {
  // So small a part of every limit that each bucket holds a single request.
  const strict = await freshService({ env: { RATE_LIMIT_SCALE: '0.0001' } })

  const limited = operations.filter(({ raw }) => raw['x-rate-limit'] !== undefined)

  test.each(limited.map((operation, index) => ({ id: operation.id, operation, address: `192.0.2.${index}` })))(
    '$id',
    async ({ operation, address }) => {
      const fetch = conformingFetch(strict.app, { checkRequests: false, address })
      const first = await send(fetch, operation, { path: samplePath(operation) })
      expect(first.headers.get('x-ratelimit-limit')).toBe('1')
      expect(first.headers.get('x-ratelimit-remaining')).toBe('0')
      expect(first.status).not.toBe(429)
      const second = await send(fetch, operation, { path: samplePath(operation) })
      expect(operation.codes.get(429)).toContain(second.code)
      expect(second.status).toBe(429)
      const seconds = Number(object(operation.raw['x-rate-limit']).seconds)
      expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(second.headers.get('retry-after'))).toBeLessThanOrEqual(seconds)
      const other = conformingFetch(strict.app, { checkRequests: false, address: `${address.replace('192', '198')}` })
      expect((await send(other, operation, { path: samplePath(operation) })).status).not.toBe(429)
    },
  )
})

describe('the daily cap of a token', () => {
  test.each(declaring(429, 'PAT_DAILY_LIMIT_EXCEEDED'))('$id', async (operation) => {
    const { token, id } = await createToken(service, cast.owner, { dailyMutationLimit: 1 })
    const day = service.clock.now().toISOString().slice(0, 10)
    await services.database.db.insertInto('token_usage').values({ token_id: id, day, mutations: 1 }).execute()
    const path = await pathFor(operation, cast.owner)
    const refused = await send(service.send, operation, {
      path,
      bearer: token,
      ...(await bodyFor(operation, cast.owner)),
    })
    expect(refused).toMatchObject({ status: 429, code: 'PAT_DAILY_LIMIT_EXCEEDED' })
    const untilMidnight = 86_400 - (Math.floor(service.clock.now().getTime() / 1000) % 86_400)
    expect(Number(refused.headers.get('retry-after'))).toBe(untilMidnight)
    expect(refused.headers.get('x-pat-mut-limit')).toBe('1')
    expect(refused.headers.get('x-pat-mut-remaining')).toBe('0')
  })
})

describe('repeating a change', () => {
  // What the document's own examples of passwords say.
  const password = 'three blind mice run'

  test.each(declaring(409, 'IDEMPOTENCY_IN_PROGRESS'))('$id', async (operation) => {
    const person = await createPerson(service, cast.owner.organizationId, 'owner', password)
    const headers = { 'idempotency-key': `once ${operation.id}` }
    const parts: Parts = {
      path: await pathFor(operation, person),
      ...(await bearerFor(operation, person)),
      ...(await bodyFor(operation, person)),
      headers,
    }
    const door = heldDoor(services.database.db)
    const app = createApp({ ...services, database: { ...services.database, db: door.db } })
    const first = send(conformingFetch(app, { checkRequests: true }), operation, parts)
    await door.reached
    const meanwhile = await send(service.send, operation, parts)
    expect(meanwhile).toMatchObject({ status: 409, code: 'IDEMPOTENCY_IN_PROGRESS' })
    door.open()
    const done = await first
    expect(done.status).toBe(operation.successStatus)
    expect(done.headers.get('idempotent-replayed')).toBeNull()

    const again = await send(service.send, operation, parts)
    expect(again).toMatchObject({ status: operation.successStatus, text: done.text })
    expect(again.headers.get('idempotent-replayed')).toBe('true')

    // The same key for another request: another body, or where there is none, another address.
    const other = parts.body === undefined ? { query: new URLSearchParams('another=1') } : { body: `${parts.body} ` }
    const conflict = await send(service.send, operation, { ...parts, ...other })
    expect(conflict).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REPLAY_CONFLICT' })
  })
})

/** A database at whose door transactions wait until somebody opens it. */
function heldDoor(real: Kysely<Tables>) {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const held = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, key) => {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        return (...words: unknown[]) => {
          if (key === 'transaction' || key === 'setIsolationLevel') return held(Reflect.apply(member, target, words))
          if (key !== 'execute') return Reflect.apply(member, target, words)
          reached.resolve()
          return opened.promise.then(() => Reflect.apply(member, target, words))
        }
      },
    })
  return { db: held(real), reached: reached.promise, open: opened.resolve }
}

describe('while the database is away', async () => {
  // Nothing listens there; connections are refused at once.
  const database = await connect({ kind: 'postgres', url: 'postgres://owlery@127.0.0.1:1/owlery', poolSize: 1 })
  afterAll(() => database.close())
  const fetch = conformingFetch(createApp({ ...services, database, noteBeat: createNoteBeat(database.db) }), {
    checkRequests: false,
  })

  test.each(declaring(503, 'SERVICE_UNAVAILABLE'))('$id', async (operation) => {
    const parts = { path: await pathFor(operation, cast.owner), ...(await bearerFor(operation, cast.owner)) }
    const refused = await send(fetch, operation, parts)
    expect(refused).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' })
    expect(refused.text).not.toContain('127.0.0.1')
    const isPromised = object(resolved(object(operation.raw.responses)[503]).headers)['Retry-After'] !== undefined
    expect(Number(refused.headers.get('retry-after') ?? 0) > 0).toBe(isPromised)
  })

  test.each(operations.filter(({ codes }) => !codes.has(503)))('$id answers all the same', async (operation) => {
    expect((await send(fetch, operation, { path: await pathFor(operation, cast.owner) })).status).toBe(
      operation.successStatus,
    )
  })
})

describe('after a fault of ours', () => {
  const secret = 'a detail for the log alone'
  const clock = {
    now: () => {
      throw new Error(secret)
    },
  }
  const fetch = conformingFetch(createApp({ ...services, clock }), { checkRequests: false })

  test.each(operations)('$id', async (operation) => {
    const parts = { path: await pathFor(operation, cast.owner), ...(await bearerFor(operation, cast.owner)) }
    const failed = await send(fetch, operation, parts)
    expect(failed).toMatchObject({ status: 500, code: 'INTERNAL' })
    expect(failed.text).not.toContain(secret)
    const id = failed.headers.get('x-request-id')
    const body = { error: 'Something went wrong on our side', code: 'INTERNAL', requestId: id }
    expect(failed.text).toBe(operation.method === 'HEAD' ? '' : JSON.stringify(body))
    expect(service.logged.some((line) => line.includes(secret) && line.includes(String(id)))).toBe(true)
  })
})
