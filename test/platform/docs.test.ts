import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { isApiError } from '@owlery/client'
import { describe, expect, it, test } from 'vitest'
import { at, document, documentText, list, object, operations } from '../support/document.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const browserAccepts = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return service.fetch(origin + path, { headers })
}

const bundle = readFileSync(
  join(dirname(fileURLToPath(import.meta.resolve('@scalar/api-reference'))), 'browser', 'standalone.js'),
)
const unpack: Readonly<Record<string, (packed: Uint8Array) => Buffer>> = {
  identity: (bytes) => Buffer.from(bytes),
  gzip: gunzipSync,
  br: brotliDecompressSync,
}

describe.each([
  ['/openapi.yaml', Buffer.from(documentText), 'application/yaml'],
  ['/openapi.json', readFileSync(new URL('../../spec/openapi.json', import.meta.url)), 'application/json'],
  ['/docs/scalar.js', bundle, 'text/javascript; charset=utf-8'],
])('%s', (path, file, type) => {
  test.each(['identity', 'gzip', 'br'])('is the file, byte for byte, as %s', async (coding) => {
    const answer = await get(path, { 'accept-encoding': coding })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(answer.headers.get('content-encoding') ?? 'identity').toBe(coding)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    expect(unpack[coding]?.(bytes).equals(file)).toBe(true)
    if (coding !== 'identity') expect(bytes.length).toBeLessThan(file.length / 3)
  })

  it('has a tag for each form, the same each time', async () => {
    const codings = ['identity', 'gzip', 'br', 'br']
    const answers = await Promise.all(codings.map((coding) => get(path, { 'accept-encoding': coding })))
    const tags = answers.map((answer) => answer.headers.get('etag'))
    for (const tag of tags) expect(tag).toMatch(/^"[\w-]{43}(\.br|\.gzip)?"$/)
    expect(new Set(tags).size).toBe(3)
  })
})

test.each(['/openapi.yaml', '/openapi.json', '/docs/scalar.js'])('%s is not sent to who has it', async (path) => {
  const first = await get(path, { 'accept-encoding': 'br' })
  const tag = first.headers.get('etag') ?? ''
  for (const held of [tag, `"old", ${tag}`, `W/${tag}`, '*']) {
    const again = await get(path, { 'accept-encoding': 'br', 'if-none-match': held })
    expect(again.status, held).toBe(304)
    expect(await again.text()).toBe('')
    for (const name of ['etag', 'cache-control', 'vary']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name))
    }
    expect(again.headers.get('content-encoding')).toBeNull()
  }
  for (const other of ['"old"', tag.replace('.br', ''), tag.slice(1, -1)]) {
    expect((await get(path, { 'accept-encoding': 'br', 'if-none-match': other })).status, other).toBe(200)
  }
})

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip;q=0.8, br;q=0.5', 'gzip'],
  ['GZIP', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['gzip;q=0', null],
  ['zstd', null],
  ['', null],
])('a reader that accepts "%s" gets %s', async (accepted, coding) => {
  const answer = await get('/openapi.yaml', { 'accept-encoding': accepted })
  expect(answer.headers.get('content-encoding')).toBe(coding)
})

test('the document as JSON says what it says as YAML', async () => {
  expect(await (await get('/openapi.json')).json()).toEqual(document)
})

test('the icon is a picture', async () => {
  const answer = await get('/favicon.ico')
  expect(answer.headers.get('content-type')).toBe('image/svg+xml')
  expect(await answer.text()).toMatch(/^<svg .*<\/svg>$/)
})

describe('the reference', () => {
  it('loads its script and the document from this server and nothing from elsewhere', async () => {
    const answer = await get('/docs')
    const page = await answer.text()
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page).toContain('<html lang="en">')
    expect(page).toMatch(/<noscript>.*\/openapi\.yaml.*<\/noscript>/s)
    expect(page).toContain('"url": "/openapi.yaml"')
    expect(page).not.toMatch(/https?:/)
    const [, script = ''] = /<script src="([^"]+)"/.exec(page) ?? []
    const loaded = await get(script)
    expect((await loaded.text()).length).toBeGreaterThan(1_000_000)
    expect(loaded.headers.get('cache-control')).toContain('immutable')
    expect(script).toContain(loaded.headers.get('etag')?.replaceAll('"', ''))
  })

  it('runs only what carries the nonce of this answer', async () => {
    const nonces: string[] = []
    for (const path of ['/docs', '/docs/openapi', '/docs/api']) {
      const answer = await get(path)
      const policy = answer.headers.get('content-security-policy') ?? ''
      const [, nonce = ''] = /script-src 'nonce-([^']{24})';/.exec(policy) ?? []
      const tags = (await answer.text()).match(/<script[^>]*>/g) ?? []
      expect(tags).toHaveLength(2)
      for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`)
      expect(policy).toMatch(/^default-src 'none';.*connect-src 'self';.*frame-ancestors 'none'$/)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      nonces.push(nonce)
    }
    expect(new Set(nonces).size).toBe(3)
  })
})

describe('error codes', () => {
  const known = list(object(at('#/components/schemas/ErrorCode')).enum).map(String)
  const client = service.client().platform.docs

  it('are all listed, each with the operations that the document says may answer with it', async () => {
    const listed = await client.errors()
    expect(listed.map(({ code }) => code)).toEqual(known)
    for (const { code, operations: ids } of listed) {
      const answering = operations.filter((one) => [...one.codes.values()].flat().includes(code)).map(({ id }) => id)
      // A documented answer of its own (the readiness page) may name a code too.
      expect(answering, code).toEqual(expect.arrayContaining(ids))
      expect(
        answering.filter((id) => !ids.includes(id) && id !== 'platform.health.ready'),
        code,
      ).toEqual([])
    }
    expect(await Promise.all(known.map((code) => client.error(code)))).toEqual(listed)
  })

  test.each([
    [browserAccepts, 'text/html'],
    ['text/html', 'text/html'],
    ['text/html;q=0.5, application/json', 'application/json'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    ['', 'application/json'],
  ])('a reader that accepts "%s" gets %s', async (accept, type) => {
    for (const path of ['/docs/errors', '/docs/errors/NOT_FOUND']) {
      const answer = await get(path, { accept })
      expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type)
      expect(answer.headers.get('vary')).toBe('Accept')
    }
  })

  it('are told to people with the meaning, the remedy and what an answer looks like', async () => {
    const told = await client.error('PAT_SCOPE_INSUFFICIENT')
    const page = await (await get('/docs/errors/PAT_SCOPE_INSUFFICIENT', { accept: browserAccepts })).text()
    for (const text of [told.meaning, told.remedy, '&quot;code&quot;: &quot;PAT_SCOPE_INSUFFICIENT&quot;']) {
      expect(page).toContain(text)
    }
    expect(page).toContain('href="/docs#tag/tokens/GET/api/v1/me/tokens"')
    const all = await (await get('/docs/errors', { accept: browserAccepts })).text()
    for (const code of known) expect(all).toContain(`href="/docs/errors/${code}"`)
  })

  test.each(['NO_SUCH_CODE', 'not_found', '__proto__', '<script>'])(
    'an unknown one, %s, is not there',
    async (code) => {
      const refusal = await client.error(code).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(isApiError(refusal, 'NOT_FOUND')).toBe(true)
    },
  )
})
