import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConnectionError } from '../../client/src/errors.ts'
import { type Operation, readRow } from '../../client/src/operation.ts'
import { readRetryAfter, retryDelayMs } from '../../client/src/retry.ts'
import { type Answer, startLoopback } from './loopback.ts'
import { type SampleClient, sampleClient } from './sample-client.ts'

const problem = (status: number, code: string, headers = {}): Answer => ({
  status,
  json: { error: 'A sentence', code, requestId: 'r' },
  headers,
})

// Without jitter the retries of these tests follow at once.
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const read = (client: SampleClient) => client.telemetry.issues.get(1, 2)
const createOnce = (client: SampleClient) => client.platform.tokens.create({ name: 'x' })
const signIn = (client: SampleClient) => client.platform.sessions.create({ email: 'x' })

async function attempts(call: (client: SampleClient) => Promise<unknown>, answer: Answer): Promise<number> {
  await using server = await startLoopback(() => answer)
  await expect(call(sampleClient({ baseUrl: server.baseUrl }))).rejects.toThrow()
  return server.seen.length
}

describe('whether a request goes out again', () => {
  test.each<[string, Answer, { read: number; createOnce: number; signIn: number }]>([
    ['429 of a proxy', { status: 429 }, { read: 3, createOnce: 3, signIn: 3 }],
    ['503 of a proxy', { status: 503 }, { read: 3, createOnce: 3, signIn: 3 }],
    ['502', { status: 502 }, { read: 3, createOnce: 3, signIn: 1 }],
    ['504', { status: 504 }, { read: 3, createOnce: 3, signIn: 1 }],
    ['a lost connection', { hangUp: true }, { read: 3, createOnce: 3, signIn: 1 }],
    ['500 of a proxy', { status: 500 }, { read: 1, createOnce: 1, signIn: 1 }],
    ['a code that says later', problem(429, 'RATE_LIMITED'), { read: 3, createOnce: 3, signIn: 3 }],
    ['a code that says same-key', problem(500, 'INTERNAL'), { read: 1, createOnce: 3, signIn: 1 }],
    ['a code that says never', problem(429, 'NAME_TAKEN'), { read: 3, createOnce: 1, signIn: 3 }],
  ])('%s', async (_, answer, expected) => {
    const counts = {
      read: await attempts(read, answer),
      createOnce: await attempts(createOnce, answer),
      signIn: await attempts(signIn, answer),
    }
    expect(counts).toEqual(expected)
  })

  test('as often as the call or the client says', async () => {
    await using server = await startLoopback(() => ({ status: 503 }))
    const client = sampleClient({ baseUrl: server.baseUrl, maxRetries: 1 })
    await expect(client.telemetry.issues.get(1, 2)).rejects.toThrow('503')
    expect(server.seen).toHaveLength(2)
    await expect(client.telemetry.issues.get(1, 2, { maxRetries: 0 })).rejects.toThrow('503')
    expect(server.seen).toHaveLength(3)
  })

  test('a server that nobody runs is a ConnectionError with its cause', async () => {
    const { baseUrl } = await startLoopback(() => ({})).then(async (server) => {
      await server[Symbol.asyncDispose]()
      return server
    })
    const error = await read(sampleClient({ baseUrl, token: 'secret' })).catch((reason) => reason)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toHaveProperty('message', `telemetry.issues.get: the connection to ${baseUrl} failed`)
    expect(error).toHaveProperty('cause', expect.any(Error))
  })
})

describe('what goes out again', () => {
  test('the whole body under one idempotency key, another one for the next call', async () => {
    await using server = await startLoopback((_, place) =>
      place % 3 === 0
        ? { hangUp: true }
        : place % 3 === 1
          ? problem(409, 'IDEMPOTENCY_IN_PROGRESS')
          : { status: 201, json: {} },
    )
    const { tokens } = sampleClient({ baseUrl: server.baseUrl }).platform
    await tokens.create({ name: 'first' })
    await tokens.create({ name: 'second' })
    await tokens.create({ name: 'third' }, { idempotencyKey: 'my-own' })
    const keys = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(server.seen.map(({ body }) => JSON.parse(body).name)).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [name, name, name]),
    )
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys).toEqual([0, 0, 0, 3, 3, 3].map((place) => keys[place]).concat(['my-own', 'my-own', 'my-own']))
    expect(keys[3]).not.toBe(keys[0])
  })

  test('no key where the operation takes none', async () => {
    await using server = await startLoopback(() => ({ json: { token: 't' } }))
    const client = sampleClient({ baseUrl: server.baseUrl })
    await signIn(client)
    await read(client)
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual([undefined, undefined])
  })
})

describe('when it goes out again', () => {
  const operation: Operation = readRow({ operations: {}, errorCodes: [], codeSets: [], retryOf: {} }, 'x', 'GET /x  0')

  test('after Retry-After', async () => {
    await using server = await startLoopback((_, place) =>
      place === 0 ? problem(429, 'RATE_LIMITED', { 'retry-after': '1' }) : { status: 201, json: {} },
    )
    await createOnce(sampleClient({ baseUrl: server.baseUrl }))
    const [first, second] = server.seen
    const gapMs = (second?.at ?? 0) - (first?.at ?? 0)
    expect(gapMs).toBeGreaterThanOrEqual(990)
    expect(gapMs).toBeLessThan(3000)
  })

  test('not by itself when Retry-After asks for more than a minute: the error says how long', async () => {
    await using server = await startLoopback(() => problem(429, 'RATE_LIMITED', { 'retry-after': '3600' }))
    const result = await createOnce(sampleClient({ baseUrl: server.baseUrl })).result()
    expect(result).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED', retryAfterSeconds: 3600 } })
    expect(server.seen).toHaveLength(1)
  })

  test('Retry-After may be a date; nonsense is ignored', () => {
    const read = (value: string) => readRetryAfter(new Headers({ 'retry-after': value }))
    expect(read(new Date(Date.now() + 5_000).toUTCString())).toBeCloseTo(5, -1)
    expect(read(new Date(Date.now() - 60_000).toUTCString())).toBe(0)
    expect(read('soon')).toBeUndefined()
    expect(readRetryAfter(new Headers())).toBeUndefined()
  })

  test('after a pause drawn evenly between zero and a bound that doubles up to eight seconds', () => {
    vi.restoreAllMocks()
    const bounds = [500, 1000, 2000, 4000, 8000, 8000]
    for (const [attempt, bound] of bounds.entries()) {
      const delays = Array.from(
        { length: 400 },
        () => retryDelayMs(new ConnectionError('lost'), operation, attempt) ?? -1,
      )
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
      expect(Math.min(...delays)).toBeLessThan(bound * 0.1)
      expect(Math.max(...delays)).toBeLessThan(bound)
      expect(Math.max(...delays)).toBeGreaterThan(bound * 0.9)
    }
  })
})
