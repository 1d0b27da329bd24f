import { describe, expect, test } from 'vitest'
import { ApiError, isApiError } from '../../client/src/errors.ts'
import { startLoopback } from './loopback.ts'
import { sampleClient } from './sample-client.ts'

const problem = (code: string) => ({ error: 'A sentence', code, requestId: 'from-body' })

describe('what is sent', () => {
  test('ids, body, query and headers each reach their place', async () => {
    await using server = await startLoopback(() => ({ status: 202, json: { id: 7 } }))
    const client = sampleClient({
      baseUrl: `${server.baseUrl}/behind/a/proxy/`,
      token: 'secret',
      userAgent: 'tests',
      headers: { 'x-all': 'client', 'x-both': 'client' },
    })
    const body = { note: 'é' }
    const query = { dryRun: true, region: ['eu', 'us'], absent: undefined }
    expect(await client.uptime.monitors.check(7, body, query, { headers: { 'x-both': 'call' } })).toEqual({ id: 7 })
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      url: '/behind/a/proxy/v1/monitors/7/checks?dryRun=true&region=eu&region=us',
      body: '{"note":"é"}',
      headers: {
        authorization: 'Bearer secret',
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'tests',
        'x-all': 'client',
        'x-both': 'call',
      },
    })
  })

  test('an id stays one segment of the path', async () => {
    await using server = await startLoopback(() => ({ json: { id: 'x' } }))
    const { issues } = sampleClient({ baseUrl: server.baseUrl }).telemetry
    await issues.get('a/../b', 'ü ?#%2e')
    expect(server.seen[0]?.url).toBe('/v1/projects/a%2F..%2Fb/issues/%C3%BC%20%3F%23%252e')
    for (const id of ['', '.', '..', undefined, null, Number.NaN, {}]) {
      await expect(issues.get('a', id)).rejects.toThrow('telemetry.issues.get: issueId is not an id')
    }
    expect(server.seen).toHaveLength(1)
  })

  test('a token function is asked before every attempt', async () => {
    await using server = await startLoopback((_, place) => (place === 0 ? { status: 503 } : { json: { id: 'x' } }))
    let asked = 0
    const client = sampleClient({ baseUrl: server.baseUrl, token: async () => `token-${asked++}` })
    await client.telemetry.issues.get('a', 'b')
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-0', 'Bearer token-1'])
  })

  test('what a request cannot hold is the caller’s error at once, not a lost connection', async () => {
    await using server = await startLoopback(() => ({ json: {} }))
    const client = sampleClient({ baseUrl: server.baseUrl })
    await expect(client.platform.tokens.create({}, { idempotencyKey: 'a\nb' })).rejects.toThrow(TypeError)
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    await expect(client.platform.tokens.create(cyclic)).rejects.toThrow(TypeError)
    expect(server.seen).toHaveLength(0)
    expect(() => sampleClient({ baseUrl: 'owlery.example.com' })).toThrow(TypeError)
  })

  test('a fetch of the caller’s own gets the request', async () => {
    const fetchRequest = async (request: Request) => Response.json({ at: request.url })
    const client = sampleClient({ baseUrl: 'http://owlery.test', fetch: fetchRequest })
    expect(await client.telemetry.issues.get(1, 2)).toEqual({ at: 'http://owlery.test/v1/projects/1/issues/2' })
  })
})

describe('what comes back', () => {
  test('the body alone, or with the response and its request id', async () => {
    await using server = await startLoopback(() => ({ status: 201, json: { id: 1 }, headers: { etag: '"1"' } }))
    const call = sampleClient({ baseUrl: server.baseUrl }).platform.tokens.create({ name: 'x' })
    expect(await call).toEqual({ id: 1 })
    const { data, response, requestId } = await call.withResponse()
    expect(data).toEqual({ id: 1 })
    expect([response.status, response.headers.get('etag'), requestId]).toEqual([201, '"1"', 'from-header'])
    expect(server.seen).toHaveLength(1)
  })

  test('nothing for 204 and for HEAD', async () => {
    await using server = await startLoopback(({ method }) => ({ status: method === 'HEAD' ? 200 : 204 }))
    const { platform, uptime } = sampleClient({ baseUrl: server.baseUrl })
    expect(await platform.tokens.delete(1)).toBeUndefined()
    expect(await uptime.heartbeats.ping('key')).toBeUndefined()
  })

  test('text where the document says text', async () => {
    await using server = await startLoopback(({ url }) =>
      url.endsWith('.svg') ? { text: '<svg/>', headers: { 'content-type': 'image/svg+xml' } } : { text: 'id\n1\n' },
    )
    const { uptime, platform } = sampleClient({ baseUrl: server.baseUrl })
    expect(await uptime.badges.get(4)).toBe('<svg/>')
    const csv = platform.auditLogs.list({ format: 'csv' })
    expect(await csv).toBe('id\n1\n')
    await expect(
      csv
        .pages()
        .next()
        .then(() => csv[Symbol.asyncIterator]().next()),
    ).rejects.toThrow('not a list')
    expect(server.seen.map(({ headers }) => headers.accept)).toEqual(['*/*', '*/*'])
  })

  test('anything else than JSON where JSON is due is an error, however well it is meant', async () => {
    const answers = [
      { text: '<html>' },
      { text: '' },
      { text: '{"id":', headers: { 'content-type': 'application/json' } },
    ]
    for (const answer of answers) {
      await using server = await startLoopback(() => answer)
      const error = await sampleClient({ baseUrl: server.baseUrl })
        .telemetry.issues.get(1, 2)
        .catch((reason) => reason)
      expect(error).toMatchObject({ name: 'ApiError', code: 'UNRECOGNIZED', status: 200 })
      expect(server.seen).toHaveLength(1)
    }
  })
})

describe('errors', () => {
  test('carry all that the server said', async () => {
    const fields = [{ path: 'name', code: 'too_small', message: 'Too short' }]
    await using server = await startLoopback(() => ({
      status: 400,
      json: { ...problem('VALIDATION_FAILED'), fields: [...fields, 'not a field'] },
    }))
    const call = sampleClient({ baseUrl: server.baseUrl }).platform.tokens.create({})
    const error = await call.catch((reason) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      message: 'platform.tokens.create: 400 VALIDATION_FAILED: A sentence (request from-body)',
      code: 'VALIDATION_FAILED',
      rawCode: 'VALIDATION_FAILED',
      status: 400,
      fields,
      requestId: 'from-body',
      operation: 'platform.tokens.create',
      retryAfterSeconds: undefined,
    })
    expect(isApiError(error)).toBe(true)
    expect(isApiError(error, 'VALIDATION_FAILED', 'INTERNAL')).toBe(true)
    expect(isApiError(error, 'INTERNAL')).toBe(false)
    expect(isApiError(new Error('no'))).toBe(false)
  })

  test('.result() gives them as values and leaves nothing unhandled', async () => {
    await using server = await startLoopback((_, place) =>
      place === 0 ? { status: 409, json: problem('NAME_TAKEN') } : { status: 201, json: { id: 1 } },
    )
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const { tokens } = sampleClient({ baseUrl: server.baseUrl }).platform
    expect(await tokens.create({}).result()).toMatchObject({ ok: false, error: { code: 'NAME_TAKEN' } })
    expect(await tokens.create({}).result()).toEqual({ ok: true, data: { id: 1 } })
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })

  test('a code that the operation does not declare is UNRECOGNIZED, and its own name is kept', async () => {
    for (const code of ['FROM_A_NEWER_SERVER', 'NOT_FOUND', 'UNRECOGNIZED']) {
      await using server = await startLoopback(() => ({ status: 409, json: problem(code) }))
      const result = await sampleClient({ baseUrl: server.baseUrl }).platform.tokens.create({}).result()
      expect(result).toMatchObject({
        ok: false,
        error: { code: 'UNRECOGNIZED', rawCode: code, requestId: 'from-body' },
      })
    }
  })

  test('an answer that is not the service’s own is still an ApiError, without its page', async () => {
    await using server = await startLoopback(() => ({ status: 418, text: '<html>proxy</html>' }))
    const error = await sampleClient({ baseUrl: server.baseUrl })
      .telemetry.issues.get(1, 2)
      .catch((reason) => reason)
    expect(error).toMatchObject({ code: 'UNRECOGNIZED', rawCode: undefined, status: 418, requestId: 'from-header' })
    expect(error).toHaveProperty(
      'message',
      "telemetry.issues.get: 418 UNRECOGNIZED: I'm a Teapot (request from-header)",
    )
  })
})
