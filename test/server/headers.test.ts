import { describe, expect, it } from 'vitest'
import { freshService, origin } from '../support/service.ts'

const listed = await freshService({ env: { CORS_ORIGINS: 'https://app.example' } })
const anybody = await freshService({ env: { CORS_ORIGINS: '*' } })
const nobody = await freshService()

const from = (page: string) => ({ headers: { origin: page } })

describe('X-Request-Id', () => {
  it('comes back as it was sent, in the header and in an error', async () => {
    const response = await nobody.send(`${origin}/api/v1/me`, { headers: { 'x-request-id': 'deploy-42.retry_1' } })
    expect(response.headers.get('x-request-id')).toBe('deploy-42.retry_1')
    expect(await response.json()).toMatchObject({ code: 'UNAUTHORIZED', requestId: 'deploy-42.retry_1' })
  })

  it.each(['short', 'x'.repeat(129), 'two words here', 'a"quoted"one', '<script>alert(1)</script>'])(
    'is a fresh one instead of %j',
    async (given) => {
      const response = await nobody.send(`${origin}/health/live`, { headers: { 'x-request-id': given } })
      expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    },
  )

  it('differs from request to request', async () => {
    const ids = new Set<string | null>()
    for (let index = 0; index < 1000; index++) {
      ids.add((await nobody.app.fetch(new Request(`${origin}/health/live`))).headers.get('x-request-id'))
    }
    expect(ids.size).toBe(1000)
  })
})

describe('secure headers', () => {
  it.each(['/health/live', '/api/v1/me', '/nowhere', '/docs', '/openapi.yaml'])('stand on %s', async (path) => {
    const { headers } = await nobody.send(origin + path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('keep what is somebody’s out of every cache', async () => {
    expect((await nobody.send(`${origin}/api/v1/me`)).headers.get('cache-control')).toBe('no-store')
  })
})

describe('pages of other origins', () => {
  it('may read what a listed origin asks for, with its cookies, and tell caches apart', async () => {
    const { headers } = await listed.send(`${origin}/health/live`, from('https://app.example'))
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id')
    expect(headers.get('vary')).toContain('Origin')
    expect((await listed.send(`${origin}/health/live`)).headers.get('vary')).toContain('Origin')
  })

  it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'are not let in as %s',
    async (page) => {
      for (const service of [listed, nobody]) {
        const { headers } = await service.send(`${origin}/health/live`, from(page))
        expect(headers.get('access-control-allow-origin')).toBeNull()
      }
    },
  )

  it('may all read without cookies where the operator says so', async () => {
    const { headers } = await anybody.send(`${origin}/health/live`, from('https://any.example'))
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('get their preflight answered with the methods of the path, and an error readable too', async () => {
    const preflight = await listed.send(`${origin}/api/v1/me/tokens`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS, POST')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
    const refused = await listed.send(`${origin}/api/v1/me`, from('https://app.example'))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })
})

describe('what no operation answers', () => {
  it('speaks the envelope, and a wrong method names the right ones', async () => {
    const unknown = await nobody.send(`${origin}/api/v1/nothing`)
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'NOT_FOUND' }])
    const wrong = await nobody.send(`${origin}/api/v1/me/tokens/7`, { method: 'PUT' })
    expect([wrong.status, await wrong.json()]).toMatchObject([405, { code: 'METHOD_NOT_ALLOWED' }])
    expect(wrong.headers.get('allow')).toBe('DELETE, OPTIONS')
  })

  it('takes a trailing slash for the same path', async () => {
    expect((await nobody.send(`${origin}/api/v1/me/tokens/`)).status).toBe(401)
  })
})
