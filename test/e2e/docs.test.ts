import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { startServer } from '../../scripts/lib/server-process.ts'
import { accessibilityFaults } from '../support/axe.ts'
import { openBrowser, openPage } from '../support/browser.ts'
import { leastContrast } from '../support/contrast.ts'
import { document, list, object, operations } from '../support/document.ts'

/** The pages as a person meets them: the real program and a real browser that reaches nothing else. */

const token = `obs_${'typed-by-hand-'.repeat(4).slice(0, 43)}`
const folder = mkdtempSync(join(tmpdir(), 'owlery-docs-'))
const browser = await openBrowser()
const server = await startServer({ env: { DATA_DIR: folder, OWLERY_BOOTSTRAP_TOKEN: token } })

afterAll(async () => {
  await browser.close()
  server.signal('SIGTERM')
  await server.ended
  rmSync(folder, { recursive: true, force: true })
})

const documented = operations.map(({ method, path, raw }) => {
  const [tag] = list(raw.tags).map(String)
  const link = `#tag/${tag?.toLowerCase().replaceAll(' ', '-')}/${method}${path}`
  return { method, path, link, summary: String(raw.summary) }
})

const groups = list(document['x-tagGroups']).map((group) => {
  const { name, tags } = object(group)
  return { name: String(name), tags: list(tags).map(String) }
})

const sidebar = (page: Page) => page.getByRole('complementary', { name: 'Sidebar for Owlery' })
const main = (page: Page) => page.getByRole('main')
const tester = (page: Page, method: string, path: string) =>
  page.getByRole('button', { name: `Test Request (${method.toLowerCase()} ${path})`, exact: true })

async function texts(links: Locator): Promise<string[]> {
  return (await links.allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '')
}

async function openReference(page: Page, path = '/docs'): Promise<void> {
  await page.goto(server.url + path)
  await main(page).getByRole('heading', { level: 1, name: 'Owlery' }).waitFor()
}

/** Of the faults only those of colors, which are ours; the rest is the renderer's. What fades in is faint until then. */
async function expectReadable(page: Page): Promise<void> {
  const faint = async () => (await accessibilityFaults(page)).filter((fault) => fault.includes('color-contrast'))
  await expect.poll(faint, { timeout: 30_000 }).toEqual([])
}

async function openEveryTag(page: Page): Promise<void> {
  const closed = sidebar(page).getByRole('button', { name: /^Open Group - (?!Models)/ })
  while ((await closed.count()) > 0) await closed.first().click()
}

test.each(['/docs/openapi', '/docs/api'])(
  '%s is the page at /docs',
  async (path) => {
    const read = async (address: string) => (await fetch(server.url + address)).text()
    const withoutNonce = (html: string) => html.replaceAll(/nonce(="|" content=")[^"]+/g, '')
    expect(withoutNonce(await read(path))).toBe(withoutNonce(await read('/docs')))
    const { page, complaints } = await openPage(browser)
    await openReference(page, path)
    expect(complaints).toEqual([])
    await page.context().close()
  },
  60_000,
)

describe('/docs', () => {
  test('lists every operation of the document under its area, and asks nobody but this server', async () => {
    const { page, requested, complaints } = await openPage(browser)
    await openReference(page)
    for (const { name, tags } of groups.filter((group) => group.tags.length > 0)) {
      const group = sidebar(page)
        .getByRole('listitem')
        .filter({ has: page.getByText(name, { exact: true }) })
        .first()
      expect(await texts(group.locator('a[href^="#tag/"]')), name).toEqual(tags)
    }
    await openEveryTag(page)
    const links = await sidebar(page).locator('a[href^="#tag/"]').all()
    const shown: string[] = []
    for (const link of links) {
      const href = (await link.getAttribute('href')) ?? ''
      if (href.split('/').length > 2) shown.push(`${href} ${(await texts(link))[0]}`)
    }
    expect(shown.sort()).toEqual(documented.map(({ link, summary }) => `${link} ${summary}`).sort())
    expect(requested.filter((url) => new URL(url).origin !== server.url)).toEqual([])
    expect(complaints).toEqual([])
    await page.context().close()
  }, 120_000)
})

test('every operation shows what it is about', async () => {
  const { page, requested, complaints } = await openPage(browser)
  await openReference(page)
  await openEveryTag(page)
  // An operation is drawn when it is first gone to. By roles each look would take in the whole page: they come at the end.
  for (const { link } of documented) {
    await sidebar(page).locator(`a[href="${link}"]`).dispatchEvent('click')
    await page.locator(`section[id$="${link.slice(1)}"] h3`).waitFor()
  }
  const headings = await main(page).getByRole('heading', { level: 3 }).allInnerTexts()
  expect(headings.map((text) => text.trim())).toEqual(expect.arrayContaining(documented.map(({ summary }) => summary)))
  for (const { method, path } of documented.slice(-3)) await tester(page, method, path).waitFor()
  expect(requested.every((url) => new URL(url).origin === server.url)).toBe(true)
  expect(complaints).toEqual([])
  await page.context().close()
}, 300_000)

test('on a phone the list hides behind a button and nothing is wider than the screen', async () => {
  const { page, complaints } = await openPage(browser, { width: 390, height: 844, colorScheme: 'dark' })
  await openReference(page)
  await expectReadable(page)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  await page.getByRole('button', { name: /menu/i }).first().click()
  await sidebar(page).getByRole('link', { name: 'Introduction' }).waitFor()
  expect(complaints).toEqual([])
  await page.context().close()
}, 60_000)

describe('a request sent from the page', () => {
  test('carries the token that was typed, shows the answer, and leaves the token nowhere', async () => {
    const { page, requested, complaints } = await openPage(browser)
    const target = documented.find(({ path }) => path === '/api/v1/me')?.link ?? ''
    expect(await (await fetch(`${server.url}/docs`)).text()).not.toContain('obs_')
    await openReference(page, `/docs${target}`)
    const client = await openClient(page, 'GET', '/api/v1/me')
    const field = client.getByRole('textbox', { name: 'Bearer Token' })
    expect(await field.inputValue()).toBe('')
    await field.click()
    await page.keyboard.type(token)
    expect(await field.inputValue()).toBe(token)
    const sent = page.waitForRequest((request) => request.url() === `${server.url}/api/v1/me`)
    await client.getByRole('button', { name: /^Send get request/ }).click()
    expect((await sent).headers().authorization).toBe(`Bearer ${token}`)
    await client.getByRole('link', { name: '200 OK' }).waitFor()
    await client.getByText('owner@localhost.localdomain').waitFor()

    await page.reload()
    await tester(page, 'GET', '/api/v1/me').waitFor()
    const kept = await page.evaluate(
      'JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }, document.documentElement.outerHTML])',
    )
    expect(kept).toContain(target)
    expect(kept).not.toContain(token)
    expect(await page.evaluate('indexedDB.databases()')).toEqual([])
    const again = await openClient(page, 'GET', '/api/v1/me')
    expect(await again.getByRole('textbox', { name: 'Bearer Token' }).inputValue()).toBe('')
    expect(requested.filter((url) => !url.startsWith(`${server.url}/`) && !url.startsWith('blob:'))).toEqual([])
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('can change something: the example of the document is one that works', async () => {
    const { page, complaints } = await openPage(browser)
    const target = documented.find(({ method, path }) => method === 'POST' && path === '/api/v1/me/tokens')?.link ?? ''
    await openReference(page, `/docs${target}`)
    await expectReadable(page)
    const client = await openClient(page, 'POST', '/api/v1/me/tokens')
    await client.getByRole('textbox', { name: 'Bearer Token' }).click()
    await page.keyboard.type(token)
    await client.getByRole('button', { name: /^Send post request/ }).click()
    await client.getByRole('link', { name: '201 Created' }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)
})

async function openClient(page: Page, method: string, path: string): Promise<Locator> {
  await tester(page, method, path).click()
  const client = page.getByRole('dialog', { name: 'API Client' })
  await client.waitFor()
  return client
}

test('the policy of the page stops what would leave this server', async () => {
  const { page, complaints } = await openPage(browser)
  await openReference(page)
  const attempt = (url: string) =>
    page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true })
      fetch('${url}').then(() => resolve('passed'), () => undefined)
    })`)
  expect(await attempt('https://owlery.test/')).toBe('connect-src')
  expect(await attempt('http://127.0.0.1:1/')).toBe('connect-src')
  expect(await attempt('/version')).toBe('passed')
  expect(complaints.length).toBeGreaterThan(0)
  await page.context().close()
}, 60_000)

describe('the pages of errors', () => {
  const looks = [
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 360, colorScheme: 'light' },
    { width: 360, colorScheme: 'dark' },
  ] as const

  test.each(looks)('read well at $width pixels in the $colorScheme', async (look) => {
    const { page, complaints } = await openPage(browser, look)
    for (const path of ['/docs/errors', '/docs/errors/IDEMPOTENCY_KEY_REPLAY_CONFLICT', '/docs/errors/INTERNAL']) {
      await page.goto(server.url + path)
      expect(await page.evaluate('document.documentElement.lang')).toBe('en')
      for (const role of ['banner', 'navigation', 'main'] as const) expect(await page.getByRole(role).count()).toBe(1)
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width)
      expect(await leastContrast(page), path).toBeGreaterThanOrEqual(4.5)
    }
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('lead from a code to its page, and from there to an operation in the reference', async () => {
    const { page, complaints } = await openPage(browser)
    await page.goto(`${server.url}/docs/errors`)
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'PASSWORD_NOT_SET' }) })
    expect(await texts(page.getByRole('columnheader'))).toEqual(['Code', 'Status', 'Meaning'])
    expect(await row.getByRole('cell').first().textContent()).toBe('409')
    await row.getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'PASSWORD_NOT_SET' }).waitFor()
    await page.getByRole('link', { name: 'platform.me.changePassword' }).click()
    await main(page).getByRole('heading', { level: 3, name: 'Change my password' }).waitFor()
    expect(await page.title()).toContain('Owlery')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
