import { expect, test } from 'vitest'
import { bundleClient } from '../../scripts/lib/client/bundle.ts'
import { openBrowser } from '../support/browser.ts'
import { startLoopback } from './loopback.ts'

const page = `<!doctype html><title>waiting</title><script type="module">
import { createClient, isApiError } from '/client.js'
const { platform } = createClient({ baseUrl: location.origin, credentials: 'include' })
const names = []
for await (const token of platform.tokens.list({ limit: 1 })) names.push(token.name)
await platform.tokens.create({ name: 'from a page' })
const error = await platform.tokens.delete(9).catch((reason) => reason)
document.body.textContent = JSON.stringify({ names, guard: isApiError(error, 'NOT_FOUND'), code: error.code })
document.title = 'done'
</script><body></body>`

test('the bundle works in a browser, on plain http', async () => {
  const bundle = await bundleClient()
  await using server = await startLoopback(({ method, url }) => {
    if (url === '/') return { text: page, headers: { 'content-type': 'text/html' } }
    if (url === '/client.js') return { text: bundle, headers: { 'content-type': 'text/javascript' } }
    if (url === '/favicon.ico') return { status: 404 }
    if (method === 'DELETE') return { status: 404, json: { error: 'Not found', code: 'NOT_FOUND', requestId: 'r' } }
    if (method === 'POST') return { status: 201, json: { id: 3 } }
    return { json: url.includes('before=') ? [] : [{ id: 1, name: 'owl' }] }
  })
  // A name that is not localhost: the page is no secure context, as on a self-hosted service without https.
  const browser = await openBrowser()
  try {
    const tab = await browser.newPage()
    const faults: string[] = []
    tab.on('pageerror', (fault) => faults.push(fault.message))
    await tab.goto(server.baseUrl.replace('127.0.0.1', 'owlery.test'))
    await tab.waitForFunction('document.title === "done"', undefined, { timeout: 15_000 }).catch(() => {})
    expect(faults).toEqual([])
    expect(await tab.evaluate('isSecureContext')).toBe(false)
    const shown: unknown = JSON.parse((await tab.textContent('body')) ?? '')
    expect(shown).toEqual({ names: ['owl'], guard: true, code: 'NOT_FOUND' })
    const created = server.seen.find(({ method }) => method === 'POST')
    expect(created?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/)
    expect(created?.body).toBe('{"name":"from a page"}')
  } finally {
    await browser.close()
  }
}, 60_000)
